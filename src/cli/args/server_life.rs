//! `server …`: what is done to a server that exists beside running it.

use clap::{Args, Subcommand};
use serde_json::json;

use super::given;
use super::server_action::ActionArgs;
use crate::Result;
use crate::cli::call::Call;
use crate::cli::settings::Settings;

/// What is done to a server beside running it.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum LifeCommand {
    /// Keep a server's state: an image of it (OpenStack), a snapshot within its disks (libvirt)
    Snapshot(SnapshotArgs),
    /// List a server's snapshots (libvirt)
    ListSnapshots(ActionArgs),
    /// Put a server back to a snapshot (libvirt)
    RevertSnapshot(SnapshotArgs),
    /// Delete a snapshot of a server (libvirt)
    DeleteSnapshot(SnapshotArgs),
    /// Give a server a further disk, also while it runs (libvirt)
    AttachDisk(AttachDiskArgs),
    /// Take a disk away from a server (libvirt)
    DetachDisk(DetachDiskArgs),
    /// Give a server a further network card, also while it runs (libvirt)
    AttachInterface(AttachInterfaceArgs),
    /// Take a network card away from a server (libvirt)
    DetachInterface(DetachInterfaceArgs),
    /// Give a server that is off another name (libvirt)
    Rename(RenameArgs),
}

/// Which state of which server.
#[derive(Debug, Args)]
pub(in crate::cli) struct SnapshotArgs {
    #[command(flatten)]
    target: ActionArgs,
    /// What the image, or the snapshot, is called
    #[arg(long, visible_alias = "name", value_name = "NAME")]
    image_name: String,
}

/// Which disk for which server.
#[derive(Debug, Args)]
pub(in crate::cli) struct AttachDiskArgs {
    #[command(flatten)]
    target: ActionArgs,
    /// The size of a new one, in GiB, or with its unit
    #[arg(long, required_unless_present = "volume", conflicts_with = "volume")]
    size: Option<String>,
    /// The pool of a new one [default: that of the root disk]
    #[arg(long, requires = "size")]
    pool: Option<String>,
    /// A disk of the server's that was detached, by its volume
    #[arg(long)]
    volume: Option<String>,
}

/// Which disk of which server.
#[derive(Debug, Args)]
pub(in crate::cli) struct DetachDiskArgs {
    #[command(flatten)]
    target: ActionArgs,
    /// The disk's volume
    #[arg(long)]
    volume: String,
    /// Delete the volume, too; else it can be attached again, and goes with the server
    #[arg(long)]
    delete: bool,
}

/// Which card for which server.
#[derive(Debug, Args)]
pub(in crate::cli) struct AttachInterfaceArgs {
    #[command(flatten)]
    target: ActionArgs,
    /// A network of the host, or bridge:NAME, macvtap:DEVICE, user
    #[arg(long)]
    network: String,
}

/// Which card of which server.
#[derive(Debug, Args)]
pub(in crate::cli) struct DetachInterfaceArgs {
    #[command(flatten)]
    target: ActionArgs,
    /// The card's MAC address
    #[arg(long)]
    mac: String,
}

/// Which server is called what.
#[derive(Debug, Args)]
pub(in crate::cli) struct RenameArgs {
    #[command(flatten)]
    target: ActionArgs,
    /// What it is called from then on
    new_name: String,
}

impl LifeCommand {
    pub(super) fn call(self, settings: &Settings) -> Result<Call> {
        match self {
            Self::Snapshot(args) => args.call("snapshot", settings),
            Self::ListSnapshots(args) => args.with("list_snapshots", json!({}), settings),
            Self::RevertSnapshot(args) => args.call("revert_snapshot", settings),
            Self::DeleteSnapshot(args) => args.call("delete_snapshot", settings),
            Self::AttachDisk(args) => {
                let disk = json!({"size": args.size, "pool": args.pool, "volume": args.volume});
                let more = json!({"disk": given(disk)});
                args.target.with("attach_disk", more, settings)
            }
            Self::DetachDisk(args) => {
                let more = json!({"volume": args.volume, "delete": args.delete});
                args.target.with("detach_disk", more, settings)
            }
            Self::AttachInterface(args) => {
                let more = json!({"interface": args.network});
                args.target.with("attach_interface", more, settings)
            }
            Self::DetachInterface(args) => {
                let more = json!({"mac": args.mac});
                args.target.with("detach_interface", more, settings)
            }
            Self::Rename(args) => {
                let more = json!({"new_name": args.new_name});
                args.target.with("rename", more, settings)
            }
        }
    }
}

impl SnapshotArgs {
    fn call(self, action: &str, settings: &Settings) -> Result<Call> {
        let more = json!({"image": self.image_name});
        self.target.with(action, more, settings)
    }
}
