//! A folder whose files are written whole or not at all, and never through a link out of it.
//!
//! Everything goes through the folder's file descriptor: whoever may write to the folder cannot
//! redirect a program that runs as root by swapping a name for a symbolic link.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::fchown;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::error::io_error;
use crate::{Error, Kind, Result};

/// How names begin that files have for a moment.
const TEMPORARY: &str = ".va-driver-";
/// After how many seconds such a file is nobody's any more.
const UNDER_WAY: i64 = 60;

/// An open folder.
#[derive(Debug)]
pub(crate) struct ConfinedDir {
    fd: OwnedFd,
    path: PathBuf,
    /// Whose the files become when root writes them, if not the folder's owner's: user and group.
    owner: Option<(u32, u32)>,
}

impl ConfinedDir {
    /// Opens the folder at `path`, following links, for the path is the caller's.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = rustix::fs::open(path, flags, Mode::empty())
            .map_err(|errno| io_error("open the folder", path, &errno.into()))?;
        Ok(Self {
            fd,
            path: path.to_owned(),
            owner: None,
        })
    }

    /// This folder, with files for the owner of `other` where the folder itself is root's.
    pub(crate) fn for_owner_of(mut self, other: &Self) -> Result<Self> {
        let stat = |dir: &Self| {
            rustix::fs::fstat(&dir.fd)
                .map_err(|errno| io_error("look at the folder", &dir.path, &errno.into()))
        };
        if stat(&self)?.st_uid == 0 {
            let other = stat(other)?;
            self.owner = Some((other.st_uid, other.st_gid));
        }
        Ok(self)
    }

    /// This folder, with files for whoever runs this program, whosever the folder is.
    pub(crate) fn for_caller(mut self) -> Self {
        let (user, group) = (rustix::process::geteuid(), rustix::process::getegid());
        self.owner = Some((user.as_raw(), group.as_raw()));
        self
    }

    /// Opens the folder at `path`, making it, but not its parent, with `mode` if it is not there.
    pub(crate) fn open_or_create(path: &Path, mode: u32) -> Result<Self> {
        match Self::open(path) {
            Err(error) if error.kind() == Kind::NotFound => {
                let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
                    return Err(error);
                };
                let parent = if parent.as_os_str().is_empty() {
                    Path::new(".")
                } else {
                    parent
                };
                let name = name.to_str().ok_or(error)?;
                Self::open(parent)?.make_child(name, mode)?;
                Self::open(path)
            }
            result => result,
        }
    }

    /// Opens the folder `name` in this one; a symbolic link is refused.
    pub(crate) fn child(&self, name: &str) -> Result<Self> {
        let path = self.path_of(name);
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match rustix::fs::openat(&self.fd, component(name)?, flags, Mode::empty()) {
            Ok(fd) => Ok(Self {
                fd,
                path,
                owner: None,
            }),
            Err(Errno::LOOP | Errno::NOTDIR) => Err(not_plain(&path, "folder")),
            Err(errno) => Err(io_error("open the folder", &path, &errno.into())),
        }
    }

    /// Opens the folder `name` in this one, making it with `mode` if it is not there.
    pub(crate) fn child_or_create(&self, name: &str, mode: u32) -> Result<Self> {
        match self.child(name) {
            Err(error) if error.kind() == Kind::NotFound => {
                self.make_child(name, mode)?;
                self.child(name)
            }
            result => result,
        }
    }

    fn make_child(&self, name: &str, mode: u32) -> Result<()> {
        let path = self.path_of(name);
        match rustix::fs::mkdirat(&self.fd, component(name)?, Mode::from_raw_mode(mode)) {
            Ok(()) => {}
            // whoever else made it made it for the same purpose
            Err(Errno::EXIST) => return Ok(()),
            Err(errno) => return Err(io_error("make the folder", &path, &errno.into())),
        }
        let child = self.child(name)?;
        // whatever this program's umask takes away, who is to use it must get in
        rustix::fs::fchmod(&child.fd, Mode::from_raw_mode(mode))
            .map_err(io::Error::from)
            .and_then(|()| self.give_to_owner(child.fd.as_fd()))
            .map_err(|error| io_error("make the folder", &path, &error))
    }

    /// The folder's own path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where `name` is, for messages and answers.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The permission bits of the folder itself.
    pub(crate) fn mode(&self) -> Result<u32> {
        let stat = rustix::fs::fstat(&self.fd)
            .map_err(|errno| io_error("look at the folder", &self.path, &errno.into()))?;
        Ok(stat.st_mode & 0o7777)
    }

    /// Reads the file `name`; `None` if there is none. What is no plain file, or is longer than
    /// `limit` bytes, is refused.
    pub(crate) fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let path = self.path_of(name);
        // a FIFO would block without NONBLOCK
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let fd = match rustix::fs::openat(&self.fd, component(name)?, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP | Errno::NXIO) => return Err(not_plain(&path, "file")),
            Err(errno) => return Err(io_error("read", &path, &errno.into())),
        };
        let failed = |error: io::Error| io_error("read", &path, &error);
        let stat = rustix::fs::fstat(&fd).map_err(|errno| failed(errno.into()))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(not_plain(&path, "file"));
        }
        let mut bytes = Vec::new();
        File::from(fd)
            .take(limit + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        if bytes.len() as u64 > limit {
            let message = format!(
                "{} is longer than {limit} bytes: it is not what it should be",
                path.display()
            );
            return Err(Error::new(Kind::Conflict, message));
        }
        Ok(Some(bytes))
    }

    /// Whether anything of that name is there, whatever it is.
    pub(crate) fn contains(&self, name: &str) -> Result<bool> {
        match rustix::fs::statat(&self.fd, component(name)?, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(errno) => Err(io_error("look at", &self.path_of(name), &errno.into())),
        }
    }

    /// Makes the file `name` with `bytes` and `mode`; a reader sees all of it or no file.
    ///
    /// # Errors
    /// [`Kind::AlreadyExists`] if anything of that name is there.
    pub(crate) fn create_new(&self, name: &str, bytes: &[u8], mode: u32) -> Result<()> {
        let written = self.write_unnamed(name, bytes, mode)?;
        let path = self.path_of(name);
        match written.link(self, component(name)?) {
            Ok(()) => {}
            Err(Errno::EXIST) => {
                return Err(Error::new(
                    Kind::AlreadyExists,
                    format!("{} is there already", path.display()),
                ));
            }
            Err(errno) => return Err(io_error("write", &path, &errno.into())),
        }
        rustix::fs::fsync(&self.fd).map_err(|errno| io_error("write", &path, &errno.into()))
    }

    /// Puts `bytes` at `name` with `mode`, in place of a file or link that is there.
    pub(crate) fn replace(&self, name: &str, bytes: &[u8], mode: u32) -> Result<()> {
        let path = self.path_of(name);
        let there = rustix::fs::statat(&self.fd, component(name)?, AtFlags::SYMLINK_NOFOLLOW);
        let kind = there.map(|stat| FileType::from_raw_mode(stat.st_mode));
        if !matches!(kind, Ok(FileType::RegularFile | FileType::Symlink) | Err(_)) {
            return Err(not_plain(&path, "file"));
        }
        let written = self.write_unnamed(name, bytes, mode)?;
        let temporary = temporary_name();
        let renamed = written.link(self, &temporary).and_then(|()| {
            rustix::fs::renameat(&self.fd, &temporary, &self.fd, name)
                .inspect_err(|_| self.discard(&temporary))
        });
        renamed
            .and_then(|()| rustix::fs::fsync(&self.fd))
            .map_err(|errno| io_error("write", &path, &errno.into()))
    }

    /// Removes the file `name`; false if it was not there.
    pub(crate) fn remove(&self, name: &str) -> Result<bool> {
        match rustix::fs::unlinkat(&self.fd, component(name)?, AtFlags::empty()) {
            Ok(()) => {}
            Err(Errno::NOENT) => return Ok(false),
            Err(errno) => return Err(io_error("remove", &self.path_of(name), &errno.into())),
        }
        rustix::fs::fsync(&self.fd)
            .map_err(|errno| io_error("remove", &self.path_of(name), &errno.into()))?;
        Ok(true)
    }

    /// A file that holds `bytes`, with `mode`. It has no name until it is linked to one, so that nothing is
    /// left of it if this program is killed; where the file system has no such files, its name is one that
    /// nobody looks for (Salt, too, skips names that begin with a dot).
    fn write_unnamed(&self, name: &str, bytes: &[u8], mode: u32) -> Result<Unnamed> {
        self.sweep();
        let failed = |error: io::Error| io_error("write", &self.path_of(name), &error);
        let access = OFlags::WRONLY | OFlags::CLOEXEC;
        let private = Mode::RUSR | Mode::WUSR;
        let unnamed = rustix::fs::openat(&self.fd, ".", access | OFlags::TMPFILE, private).ok();
        // it comes to its name by way of /proc
        let unnamed = unnamed.filter(|fd| rustix::fs::stat(by_proc(fd)).is_ok());
        let (fd, temporary) = if let Some(fd) = unnamed {
            (fd, None)
        } else {
            let temporary = temporary_name();
            let flags = access | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
            let fd = rustix::fs::openat(&self.fd, &temporary, flags, private)
                .map_err(|errno| failed(errno.into()))?;
            (fd, Some(temporary))
        };
        let mut file = File::from(fd);
        let written = (|| {
            file.write_all(bytes)?;
            self.give_to_owner(file.as_fd())?;
            rustix::fs::fchmod(&file, Mode::from_raw_mode(mode))?;
            file.sync_all()
        })();
        if let Err(error) = written {
            if let Some(temporary) = &temporary {
                self.discard(temporary);
            }
            return Err(failed(error));
        }
        Ok(Unnamed { file, temporary })
    }

    fn discard(&self, name: &str) {
        // the error that led here is the one to tell
        let _ = rustix::fs::unlinkat(&self.fd, name, AtFlags::empty());
    }

    /// Removes what programs have left here that were killed: they may hold secrets.
    fn sweep(&self) {
        let Ok(entries) = rustix::fs::Dir::read_from(&self.fd) else {
            return;
        };
        let names = entries.flatten().filter_map(|entry| {
            let name = entry.file_name().to_str().ok()?;
            name.starts_with(TEMPORARY).then(|| name.to_owned())
        });
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |now| now.as_secs().cast_signed());
        for name in names.collect::<Vec<_>>() {
            let found = rustix::fs::statat(&self.fd, &name, AtFlags::SYMLINK_NOFOLLOW);
            // a younger one may be another program's that is at work
            if found.is_ok_and(|found| found.st_mtime.saturating_add(UNDER_WAY) < now) {
                self.discard(&name);
            }
        }
    }

    /// Run by root in the folder of a service's user, a file must be that user's to be of use.
    fn give_to_owner(&self, fd: impl AsFd) -> io::Result<()> {
        if !rustix::process::geteuid().is_root() {
            return Ok(());
        }
        let stat = rustix::fs::fstat(&self.fd)?;
        let (user, group) = self.owner.unwrap_or((stat.st_uid, stat.st_gid));
        fchown(fd, Some(user), Some(group))
    }
}

/// A file that is whole and has not come to its name yet.
struct Unnamed {
    file: File,
    /// The name that it has instead, where it must have one.
    temporary: Option<String>,
}

impl Unnamed {
    fn link(&self, dir: &ConfinedDir, name: &str) -> rustix::io::Result<()> {
        let Some(temporary) = &self.temporary else {
            let (own, follow) = (by_proc(&self.file), AtFlags::SYMLINK_FOLLOW);
            return rustix::fs::linkat(rustix::fs::CWD, own, &dir.fd, name, follow);
        };
        let linked = rustix::fs::linkat(&dir.fd, temporary, &dir.fd, name, AtFlags::empty());
        dir.discard(temporary);
        linked
    }
}

fn by_proc(file: &impl AsRawFd) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

fn temporary_name() -> String {
    format!("{TEMPORARY}{}", uuid::Uuid::new_v4().simple())
}

fn component(name: &str) -> Result<&str> {
    if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\0']) {
        return Err(Error::new(
            Kind::InvalidField,
            format!("{name:?} is not the name of a file"),
        ));
    }
    Ok(name)
}

fn not_plain(path: &Path, what: &str) -> Error {
    let message = format!(
        "{} is a symbolic link, or not a plain {what}: it is left alone",
        path.display()
    );
    Error::new(Kind::Conflict, message)
}

#[cfg(test)]
mod tests {
    use super::ConfinedDir;
    use crate::Kind;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn files_are_made_once_with_their_mode() {
        let root = tempfile::tempdir().unwrap();
        let dir = ConfinedDir::open(root.path()).unwrap();
        dir.create_new("a", b"one", 0o644).unwrap();
        assert_eq!(
            dir.create_new("a", b"two", 0o644).unwrap_err().kind(),
            Kind::AlreadyExists
        );
        assert_eq!(dir.read("a", 3).unwrap().unwrap(), b"one");
        assert_eq!(dir.read("a", 2).unwrap_err().kind(), Kind::Conflict);
        dir.replace("a", b"three", 0o600).unwrap();
        assert_eq!(dir.read("a", 9).unwrap().unwrap(), b"three");
        assert_eq!(
            fs::metadata(root.path().join("a"))
                .unwrap()
                .permissions()
                .mode()
                & 0o7777,
            0o600
        );
        assert_eq!(
            fs::read_dir(root.path()).unwrap().count(),
            1,
            "no temporary file stays"
        );
        assert!(dir.remove("a").unwrap() && !dir.remove("a").unwrap());
        assert_eq!(dir.read("a", 9).unwrap(), None);
    }

    #[test]
    fn links_and_odd_files_are_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("f"), "x").unwrap();
        symlink(outside.path(), root.path().join("dir")).unwrap();
        symlink(outside.path().join("f"), root.path().join("file")).unwrap();
        let dir = ConfinedDir::open(root.path()).unwrap();
        assert_eq!(dir.child("dir").unwrap_err().kind(), Kind::Conflict);
        assert_eq!(
            dir.child_or_create("dir", 0o700).unwrap_err().kind(),
            Kind::Conflict
        );
        assert_eq!(dir.read("file", 9).unwrap_err().kind(), Kind::Conflict);
        assert_eq!(
            dir.create_new("file", b"y", 0o600).unwrap_err().kind(),
            Kind::AlreadyExists
        );
        dir.replace("file", b"y", 0o600).unwrap();
        assert_eq!(fs::read(outside.path().join("f")).unwrap(), b"x");
        rustix::fs::mkfifoat(
            rustix::fs::CWD,
            root.path().join("fifo"),
            rustix::fs::Mode::RUSR,
        )
        .unwrap();
        assert_eq!(dir.read("fifo", 9).unwrap_err().kind(), Kind::Conflict);
    }

    #[test]
    fn only_files_and_links_are_replaced() {
        let root = tempfile::tempdir().unwrap();
        let dir = ConfinedDir::open(root.path()).unwrap();
        let pipe = root.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, pipe, rustix::fs::Mode::RUSR).unwrap();
        fs::create_dir(root.path().join("folder")).unwrap();
        for name in ["pipe", "folder"] {
            let error = dir.replace(name, b"", 0o600).unwrap_err();
            assert_eq!(error.kind(), Kind::Conflict, "{name}");
        }
    }

    #[test]
    fn what_a_program_left_that_was_killed_is_swept_away() {
        use std::time::{Duration, SystemTime};
        let root = tempfile::tempdir().unwrap();
        let dir = ConfinedDir::open(root.path()).unwrap();
        let old = SystemTime::now() - Duration::from_secs(120);
        for (name, written) in [
            (".va-driver-old", old),
            (".va-driver-new", SystemTime::now()),
            (".other", old),
        ] {
            let file = fs::File::create(root.path().join(name)).unwrap();
            file.set_modified(written).unwrap();
        }
        dir.create_new("f", b"", 0o600).unwrap();
        let left = |name: &str| root.path().join(name).exists();
        assert!(!left(".va-driver-old") && left(".va-driver-new") && left(".other"));
    }

    #[test]
    fn whatever_the_umask_takes_folders_get_their_mode() {
        let root = tempfile::tempdir().unwrap();
        let dir = ConfinedDir::open(root.path()).unwrap();
        dir.child_or_create("d", 0o777).unwrap();
        let mode = fs::metadata(root.path().join("d"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o7777, 0o777);
    }

    #[test]
    fn names_stay_inside() {
        let root = tempfile::tempdir().unwrap();
        let dir = ConfinedDir::open(root.path()).unwrap();
        for name in ["", ".", "..", "a/b", "../x", "a\0"] {
            assert_eq!(
                dir.create_new(name, b"", 0o600).unwrap_err().kind(),
                Kind::InvalidField
            );
            assert_eq!(
                dir.child_or_create(name, 0o700).unwrap_err().kind(),
                Kind::InvalidField
            );
        }
    }

    #[test]
    fn what_root_makes_belongs_to_the_folders_owner() {
        use std::os::unix::fs::{MetadataExt, chown};
        let root = tempfile::tempdir().unwrap();
        let owner = if rustix::process::geteuid().is_root() {
            chown(root.path(), Some(1234), Some(1235)).unwrap();
            (1234, 1235)
        } else {
            (
                rustix::process::geteuid().as_raw(),
                rustix::process::getegid().as_raw(),
            )
        };
        let dir = ConfinedDir::open(root.path()).unwrap();
        dir.create_new("f", b"", 0o600).unwrap();
        dir.child_or_create("d", 0o700).unwrap();
        for name in ["f", "d"] {
            let metadata = fs::metadata(root.path().join(name)).unwrap();
            assert_eq!((metadata.uid(), metadata.gid()), owner);
        }
    }
}
