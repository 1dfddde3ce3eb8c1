//! What can be done to a server, and what that answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::dry_run::DryRun;
use super::inventory::Image;
use super::server::{Server, Status};
use super::server_spec::{NetworkSpec, VolumeSpec};
use crate::{Error, Result};

/// What can be done to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// Start it.
    Start,
    /// Ask the guest to shut down; switch it off if it does not in time.
    Stop,
    /// Stop and start it; reset it if the guest does not shut down in time.
    Reboot,
    /// Halt it in memory.
    Suspend,
    /// Let it go on.
    Resume,
    /// Take the minion's private key off its seed.
    Seal,
    /// Halt it in the host's memory.
    Pause,
    /// Let a paused server go on.
    Unpause,
    /// Start it from a rescue system, its own disk beside that.
    Rescue,
    /// Start it from its own disk again.
    Unrescue,
    /// Give it another size; to be confirmed or reverted.
    Resize,
    /// Keep the new size.
    ConfirmResize,
    /// Go back to the size before.
    RevertResize,
    /// Take it off its host, its disk kept by the cloud.
    Shelve,
    /// Bring a shelved server back.
    Unshelve,
    /// Refuse whatever would change it, until it is unlocked.
    Lock,
    /// Allow what changes it again.
    Unlock,
    /// Make its root disk anew, from an image.
    Rebuild,
    /// Keep its state: an image of it, or on libvirt a snapshot within its disks.
    Snapshot,
    /// List its snapshots.
    ListSnapshots,
    /// Put it back to a snapshot.
    RevertSnapshot,
    /// Delete a snapshot.
    DeleteSnapshot,
    /// Give it a further disk.
    AttachDisk,
    /// Take a disk away from it.
    DetachDisk,
    /// Give it a further network card.
    AttachInterface,
    /// Take a network card away from it.
    DetachInterface,
    /// Give it another name.
    Rename,
    /// Read what its console has printed.
    ConsoleLog,
    /// Delete it and all that was made for it.
    Delete,
}

impl Action {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Reboot => "reboot",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Seal => "seal",
            Self::Pause => "pause",
            Self::Unpause => "unpause",
            Self::Rescue => "rescue",
            Self::Unrescue => "unrescue",
            Self::Resize => "resize",
            Self::ConfirmResize => "confirm_resize",
            Self::RevertResize => "revert_resize",
            Self::Shelve => "shelve",
            Self::Unshelve => "unshelve",
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::Rebuild => "rebuild",
            Self::Snapshot => "snapshot",
            Self::ListSnapshots => "list_snapshots",
            Self::RevertSnapshot => "revert_snapshot",
            Self::DeleteSnapshot => "delete_snapshot",
            Self::AttachDisk => "attach_disk",
            Self::DetachDisk => "detach_disk",
            Self::AttachInterface => "attach_interface",
            Self::DetachInterface => "detach_interface",
            Self::Rename => "rename",
            Self::ConsoleLog => "console_log",
            Self::Delete => "delete",
        }
    }

    /// Whether only the driver for libvirt has it.
    pub(crate) fn is_libvirts(self) -> bool {
        matches!(
            self,
            Self::Seal
                | Self::ListSnapshots
                | Self::RevertSnapshot
                | Self::DeleteSnapshot
                | Self::AttachDisk
                | Self::DetachDisk
                | Self::AttachInterface
                | Self::DetachInterface
                | Self::Rename
        )
    }

    /// What it would come to for the server `name`, which is at `status`.
    pub(super) fn plan(self, name: &str, status: Status) -> DryRun {
        let there = matches!(
            (self, status),
            (
                Self::Start | Self::Resume | Self::Unpause | Self::Unshelve,
                Status::Active
            ) | (Self::Stop, Status::Shutoff)
                | (Self::Pause, Status::Paused)
        );
        let (is, action) = (status.salt_state(), self.as_str());
        let only_looks = matches!(self, Self::ConsoleLog | Self::ListSnapshots);
        let would_change = !there && !only_looks;
        let message = if there {
            format!("{name} is {is} already; nothing would be done")
        } else {
            format!("the action {action} would be done to {name}, which is {is}")
        };
        DryRun::new(message, would_change)
    }
}

/// How an action goes about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActionOptions {
    /// How long the guest has to shut down, in seconds; 60 when absent, 0 switches it off at once. How
    /// long another action is waited for.
    pub timeout: Option<u64>,
    /// For `reboot`: reset it, without asking the guest.
    pub hard: bool,
    /// For `resize`: the new size.
    pub size: Option<String>,
    /// For `snapshot`, `revert_snapshot` and `delete_snapshot`: what the image or the snapshot is called;
    /// for `rescue` and `rebuild`: the image that it starts from.
    pub image: Option<String>,
    /// For `console_log`: only this many of the last lines.
    pub lines: Option<u64>,
    /// For `attach_disk`: a new one, or one that was detached.
    pub disk: Option<VolumeSpec>,
    /// For `detach_disk`: its volume.
    pub volume: Option<String>,
    /// For `detach_disk`: delete the volume, too.
    pub delete: bool,
    /// For `attach_interface`: where it goes.
    pub interface: Option<NetworkSpec>,
    /// For `detach_interface`: its MAC address.
    pub mac: Option<String>,
    /// For `rename`.
    pub new_name: Option<String>,
}

impl ActionOptions {
    /// What is given, by the protocol's names.
    pub(crate) fn given(&self) -> impl Iterator<Item = (&'static str, Value)> {
        let all = [
            ("timeout", json!(self.timeout)),
            ("hard", json!(self.hard.then_some(true))),
            ("size", json!(self.size)),
            ("image", json!(self.image)),
            ("lines", json!(self.lines)),
            ("disk", json!(self.disk)),
            ("volume", json!(self.volume)),
            ("delete", json!(self.delete.then_some(true))),
            ("interface", json!(self.interface)),
            ("mac", json!(self.mac)),
            ("new_name", json!(self.new_name)),
        ];
        all.into_iter().filter(|(_, value)| !value.is_null())
    }

    /// Refuses what another action takes.
    pub(crate) fn check(&self, action: Action) -> Result<()> {
        let of = |member: &str| match member {
            "disk" => Some(Action::AttachDisk),
            "volume" | "delete" => Some(Action::DetachDisk),
            "interface" => Some(Action::AttachInterface),
            "mac" => Some(Action::DetachInterface),
            "new_name" => Some(Action::Rename),
            _ => None,
        };
        let mut misplaced = self.given().filter_map(|(member, _)| {
            let of = of(member).filter(|of| *of != action)?;
            Some((member, of))
        });
        let Some((member, of)) = misplaced.next() else {
            return Ok(());
        };
        let message = format!(
            "{} does not take {member}; {} does",
            action.as_str(),
            of.as_str()
        );
        Err(Error::invalid(format!("/{member}"), message))
    }
}

/// What an action answers.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ActionDone {
    /// True; a failure is an error.
    #[serde(default = "crate::decode::yes")]
    pub success: bool,
    /// What happened, for people.
    #[serde(default)]
    pub message: String,
    /// Whether it changed anything: starting what runs, and deleting what is absent, do not.
    #[serde(default = "crate::decode::yes")]
    pub changed: bool,
    /// The server afterwards, unless it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<Server>,
    /// What the action asked for: the text of `console_log`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// The image that `snapshot` has made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// The snapshots that `list_snapshots` has found, the oldest first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshots: Option<Vec<Snapshot>>,
    /// The volume of the disk that `attach_disk` has given it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<String>,
}

/// A state of a server that its host keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Snapshot {
    /// What it is called.
    pub name: String,
    /// When it was made, RFC 3339 in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Whether the guest's memory is in it, so that it goes on from there.
    #[serde(default)]
    pub memory: bool,
    /// Whether the server goes on from this one.
    #[serde(default)]
    pub current: bool,
    /// The snapshot that it was made after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

impl Snapshot {
    /// A snapshot called `name`, of which nothing else is known.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            created: None,
            memory: false,
            current: false,
            parent: None,
        }
    }
}

impl ActionDone {
    /// An action that succeeded with `message`.
    #[must_use]
    pub fn new(message: impl Into<String>, changed: bool, server: Option<Server>) -> Self {
        Self {
            success: true,
            message: message.into(),
            changed,
            server,
            output: None,
            image: None,
            snapshots: None,
            volume: None,
        }
    }
}
