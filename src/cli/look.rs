//! What a method about files of this machine would do: for `--dry-run` of those that have no plan of their own.

use std::fs;
use std::path::{Path, PathBuf};

use crate::driver::{Change, DryRun, FileChange};

/// `what` would be done: these files would be made, or where they are there and `replace` says so, changed.
pub(super) fn would_write(
    what: &str,
    files: &[PathBuf],
    replace: impl Fn(&Path) -> bool,
) -> DryRun {
    // what is only printed changes nothing here
    let mut plan = DryRun::new(what, false);
    for path in files {
        let is_there = fs::symlink_metadata(path).is_ok();
        if is_there && !replace(path) {
            plan.keep("file", path.display().to_string(), "it is there already");
            continue;
        }
        plan.would_write.push(FileChange {
            path: path.clone(),
            change: if is_there {
                Change::Changed
            } else {
                Change::Made
            },
            members: Vec::new(),
        });
    }
    plan.would_change = !plan.would_write.is_empty();
    plan
}

/// The accepted key of the minion `id` would be removed, where there is one.
pub(super) fn would_revoke(id: &str, accepted: &Path) -> DryRun {
    let is_there = fs::symlink_metadata(accepted).is_ok();
    if !is_there {
        return DryRun::new(format!("no key of {id} is accepted: nothing"), false);
    }
    let mut plan = DryRun::new(format!("take the key of {id} off this master"), true);
    plan.remove("minion_key", id);
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_stays_unless_it_may_be_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let (there, new) = (dir.path().join("there"), dir.path().join("new"));
        fs::write(&there, "").unwrap();
        let files = [there.clone(), new];
        let plan = would_write("w", &files, |_| false);
        assert_eq!((plan.would_write.len(), plan.would_stay.len()), (1, 1));
        assert!(plan.would_change);
        let plan = would_write("w", &files, |_| true);
        assert_eq!(plan.would_write[0].change, Change::Changed);
        assert!(!would_write("w", &files[..1], |_| false).would_change);
        assert!(would_revoke("a", &there).would_change);
        assert!(!would_revoke("a", &files[1]).would_change);
    }
}
