//! A folder whose files are written whole or not at all, and never through a link out of it.
//!
//! Everything goes through the folder's file descriptor: whoever may write to the folder cannot
//! redirect a program that runs as root by swapping a name for a symbolic link.

mod unnamed;

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::fchown;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::error::io_error;
use crate::plain_file::read_up_to;
use crate::{Error, Kind, Result};
use unnamed::Unnamed;

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
        match read_up_to(limit, File::from(fd)) {
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                let message = format!(
                    "{} is longer than {limit} bytes: it is not what it should be",
                    path.display()
                );
                Err(Error::new(Kind::Conflict, message))
            }
            read => read.map(Some).map_err(failed),
        }
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
        let path = self.path_of(name);
        let name = component(name)?;
        Unnamed::write(self, bytes, mode)
            .and_then(|written| Ok(written.link(name)?))
            .and_then(|()| {
                let synced = rustix::fs::fsync(&self.fd);
                // what is told as an error leaves no file
                synced.inspect_err(|_| {
                    let _ = rustix::fs::unlinkat(&self.fd, name, AtFlags::empty());
                })?;
                Ok(())
            })
            .map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => Error::new(
                    Kind::AlreadyExists,
                    format!("{} is there already", path.display()),
                ),
                _ => io_error("write", &path, &error),
            })
    }

    /// Puts `bytes` at `name` with `mode`, in place of a file or link that is there.
    pub(crate) fn replace(&self, name: &str, bytes: &[u8], mode: u32) -> Result<()> {
        let path = self.path_of(name);
        let there = rustix::fs::statat(&self.fd, component(name)?, AtFlags::SYMLINK_NOFOLLOW);
        let kind = there.map(|stat| FileType::from_raw_mode(stat.st_mode));
        if !matches!(kind, Ok(FileType::RegularFile | FileType::Symlink) | Err(_)) {
            return Err(not_plain(&path, "file"));
        }
        Unnamed::write(self, bytes, mode)
            .and_then(|written| Ok(written.replace(name)?))
            .and_then(|()| Ok(rustix::fs::fsync(&self.fd)?))
            .map_err(|error| io_error("write", &path, &error))
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
mod tests;
