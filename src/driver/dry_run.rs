//! What a method that changes something would do.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::answers::Removed;
use crate::LeftBehind;

/// What a method answers to `dry_run`: what it would do, by what is there. Nothing was changed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct DryRun {
    /// True: this is no answer of something that was done.
    pub dry_run: bool,
    /// What would be done, for people.
    pub message: String,
    /// Whether anything would change.
    pub would_change: bool,
    /// What would be removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub would_remove: Vec<Removed>,
    /// What would stay although it is named where the rest is, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub would_stay: Vec<LeftBehind>,
    /// The files that would be written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub would_write: Vec<FileChange>,
}

impl DryRun {
    /// Something that would be done, or nothing where `would_change` is false; `message` says what.
    #[must_use]
    pub fn new(message: impl Into<String>, would_change: bool) -> Self {
        Self {
            dry_run: true,
            message: message.into(),
            would_change,
            would_remove: Vec::new(),
            would_stay: Vec::new(),
            would_write: Vec::new(),
        }
    }

    /// Adds something that would be removed.
    pub fn remove(&mut self, resource: impl Into<String>, name: impl Into<String>) {
        self.would_remove.push(Removed::new(resource, name));
    }

    /// Adds something that would stay.
    pub fn keep(
        &mut self,
        resource: impl Into<String>,
        name: impl Into<String>,
        reason: impl Into<String>,
    ) {
        self.would_stay.push(LeftBehind {
            resource: resource.into(),
            name: name.into(),
            reason: reason.into(),
        });
    }
}

/// A file that would be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileChange {
    /// The file.
    pub path: PathBuf,
    /// Whether it would be made or changed, or is as it would be already.
    pub change: Change,
    /// The members that would be others, by their names: values may be secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
}

/// What would become of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It would be made.
    Made,
    /// It would be changed.
    Changed,
    /// It is as it would be.
    None,
}
