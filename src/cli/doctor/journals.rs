//! Whether creations were cut off.

use std::fs::{self, File};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use super::Check;
use crate::cli::settings::Settings;
use crate::transaction::Journal;

/// Looks for journals whose program is gone.
pub(super) fn abandoned(settings: &Settings) -> Check {
    let name = "unfinished creations";
    let dir = settings.state_dir.join(Journal::FOLDER);
    match count(&dir) {
        0 => Check::ok(name, "none"),
        count => Check::warning(
            name,
            format!("{count} in {} belong to no running program", dir.display()),
            "va-driver server recover --provider NAME removes what they left, for each host that \
             they are about",
        ),
    }
}

/// How many journals in `dir` nobody holds the lock of.
fn count(dir: &Path) -> usize {
    let Ok(entries) = fs::read_dir(dir) else {
        return 0;
    };
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
        .filter_map(|path| File::open(path).ok())
        .filter(|file| flock(file, FlockOperation::NonBlockingLockShared).is_ok())
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_journals_that_nobody_writes_count() {
        let dir = tempfile::tempdir().unwrap();
        let journals = dir.path().join("journal");
        assert_eq!(count(&journals), 0);
        let running = Journal::create(dir.path(), "test", "web-1").unwrap();
        assert_eq!(count(&journals), 0);
        drop(running);
        assert_eq!(count(&journals), 1);
    }
}
