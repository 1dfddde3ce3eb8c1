//! A file that is whole before it comes to its name.
//!
//! Until then it has none, so that nothing is left of it if this program is killed; where the file system
//! has no such files, its name is one that nobody looks for (Salt, too, skips names that begin with a dot).

use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsFd as _, AsRawFd};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use uuid::Uuid;

use super::ConfinedDir;

/// How names begin that files have for a moment; a UUID is the rest.
const TEMPORARY: &str = ".va-driver-";
/// After how many seconds such a file is nobody's any more.
const UNDER_WAY: i64 = 60;

/// A file that has not come to its name yet; it is gone when this is dropped before.
pub(super) struct Unnamed<'a> {
    dir: &'a ConfinedDir,
    file: File,
    /// The name that it has instead, where it must have one.
    temporary: Option<String>,
}

impl<'a> Unnamed<'a> {
    /// One in `dir` that holds `bytes`, with `mode`.
    pub(super) fn write(dir: &'a ConfinedDir, bytes: &[u8], mode: u32) -> io::Result<Self> {
        sweep(dir);
        let mut new = Self::open(dir)?;
        new.file.write_all(bytes)?;
        rustix::fs::fchmod(&new.file, Mode::from_raw_mode(mode))?;
        dir.give_to_owner(new.file.as_fd())?;
        new.file.sync_all()?;
        Ok(new)
    }

    fn open(dir: &'a ConfinedDir) -> rustix::io::Result<Self> {
        let access = OFlags::WRONLY | OFlags::CLOEXEC;
        let private = Mode::RUSR | Mode::WUSR;
        let unnamed = rustix::fs::openat(&dir.fd, ".", access | OFlags::TMPFILE, private).ok();
        // it comes to its name by way of /proc
        match unnamed.filter(|fd| rustix::fs::stat(by_proc(fd)).is_ok()) {
            Some(fd) => Ok(Self {
                dir,
                file: File::from(fd),
                temporary: None,
            }),
            None => Self::with_temporary(dir),
        }
    }

    fn with_temporary(dir: &'a ConfinedDir) -> rustix::io::Result<Self> {
        let name = temporary_name();
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&dir.fd, &name, flags, Mode::RUSR | Mode::WUSR)?;
        Ok(Self {
            dir,
            file: File::from(fd),
            temporary: Some(name),
        })
    }

    /// Names it `name`, where nothing has that name.
    pub(super) fn link(&self, name: &str) -> rustix::io::Result<()> {
        let to = &self.dir.fd;
        if let Some(own) = &self.temporary {
            return rustix::fs::linkat(to, own, to, name, AtFlags::empty());
        }
        let own = by_proc(&self.file);
        rustix::fs::linkat(CWD, own, to, name, AtFlags::SYMLINK_FOLLOW)
    }

    /// Names it `name`, in place of what has that name.
    pub(super) fn replace(mut self, name: &str) -> rustix::io::Result<()> {
        if self.temporary.is_none() {
            let temporary = temporary_name();
            self.link(&temporary)?;
            self.temporary = Some(temporary);
        }
        let temporary = self.temporary.as_deref().unwrap_or_default();
        rustix::fs::renameat(&self.dir.fd, temporary, &self.dir.fd, name)?;
        self.temporary = None;
        Ok(())
    }
}

impl Drop for Unnamed<'_> {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            discard(self.dir, temporary);
        }
    }
}

fn discard(dir: &ConfinedDir, name: &str) {
    // there is nobody to tell of what stays, and the next one sweeps it away
    let _ = rustix::fs::unlinkat(&dir.fd, name, AtFlags::empty());
}

/// Removes what programs have left in `dir` that were killed: they may hold secrets.
fn sweep(dir: &ConfinedDir) {
    let Ok(entries) = rustix::fs::Dir::read_from(&dir.fd) else {
        return;
    };
    let names = entries.flatten().filter_map(|entry| {
        let name = entry.file_name().to_str().ok()?;
        // whatever else begins so is somebody's own
        let is_ours = Uuid::try_parse(name.strip_prefix(TEMPORARY)?).is_ok();
        is_ours.then(|| name.to_owned())
    });
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |now| now.as_secs().cast_signed());
    for name in names.collect::<Vec<_>>() {
        let found = rustix::fs::statat(&dir.fd, &name, AtFlags::SYMLINK_NOFOLLOW);
        // a younger one may be another program's that is at work
        if found.is_ok_and(|found| found.st_mtime.saturating_add(UNDER_WAY) < now) {
            discard(dir, &name);
        }
    }
}

fn by_proc(file: &impl AsRawFd) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

fn temporary_name() -> String {
    format!("{TEMPORARY}{}", Uuid::new_v4().simple())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn with_a_name_for_a_moment_or_none_it_comes_to_its_own_and_leaves_no_other() {
        let root = tempfile::tempdir().unwrap();
        let dir = ConfinedDir::open(root.path()).unwrap();
        for begin in [Unnamed::open, Unnamed::with_temporary] {
            let holding = |text: &str| {
                let mut new = begin(&dir).unwrap();
                new.file.write_all(text.as_bytes()).unwrap();
                new
            };
            drop(holding("nothing"));
            holding("one").link("f").unwrap();
            assert_eq!(dir.read("f", 9).unwrap().unwrap(), b"one");
            assert!(holding("two").link("f").is_err());
            holding("three").replace("f").unwrap();
            assert_eq!(dir.read("f", 9).unwrap().unwrap(), b"three");
            assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
            assert!(dir.remove("f").unwrap());
        }
    }
}
