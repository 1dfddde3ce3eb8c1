//! What can be done to a server, and what that answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dry_run::DryRun;
use super::inventory::Image;
use super::server::{Server, Status};

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
    /// Make an image of it.
    Snapshot,
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
            Self::ConsoleLog => "console_log",
            Self::Delete => "delete",
        }
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
        let would_change = !there && self != Self::ConsoleLog;
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
    /// For `snapshot`: what the image is called; for `rescue` and `rebuild`: the image that it starts
    /// from.
    pub image: Option<String>,
    /// For `console_log`: only this many of the last lines.
    pub lines: Option<u64>,
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
        }
    }
}
