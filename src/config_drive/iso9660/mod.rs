//! A writer of small ISO 9660 images, and a reader of the images it wrote.
//!
//! One session, one extent a file, with the three sets of names that guests look for:
//! the plain ones of ISO 9660 (ECMA-119, interchange level 2), Rock Ridge (IEEE P1282 draft 1.10,
//! over SUSP 1.10), which gives the names exactly and the files to root alone, and Joliet.
//! The same input gives the same bytes.
//!
//! | file | concern |
//! |---|---|
//! | `tree`, `names` | the files as a tree; what a name becomes that is not allowed as it is |
//! | `space` | one of the two hierarchies of an image: the primary volume's or Joliet's |
//! | `directory`, `rock_ridge`, `volume` | the records: directories', system use, volume descriptors |
//! | `bytes`, `stamp` | numbers and moments as ECMA-119 writes them |
//! | `layout` | what lies where, and the image made of it |
//! | `read` | where the files of an image are that this room wrote |

mod bytes;
mod directory;
mod layout;
mod names;
mod read;
mod rock_ridge;
mod space;
mod stamp;
mod tree;
mod volume;

#[cfg(test)]
mod tests;

use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::Result;

pub(crate) use read::files;

/// Bytes of a logical block, called a sector here.
pub const SECTOR: usize = 2048;

/// The longest label that Joliet has room for.
pub const LABEL_MAX: usize = 16;

/// The longest name of a file or directory, in bytes.
pub const NAME_MAX: usize = 64;

/// The deepest path, in names: the root is the first of ECMA-119's eight levels, a file's name is
/// no level.
pub const DEPTH_MAX: usize = 8;

/// The longest path, in bytes.
pub const PATH_MAX: usize = 240;

/// A file to be written.
#[derive(Clone, Copy)]
pub struct File<'a> {
    /// Where it is: names separated by `/`, none before the first. Directories follow from it.
    pub path: &'a str,
    /// What is in it.
    pub content: &'a [u8],
}

impl std::fmt::Debug for File<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("File")
            .field("path", &self.path)
            .field("bytes", &self.content.len())
            .finish()
    }
}

/// The image of a volume `label` with `files`, everything in it dated `at`.
///
/// Files are readable and directories are enterable by their owner, root, only: 0400 and 0500.
///
/// # Errors
/// `invalid_field` for a label or path that the format has no room for, two files of one path, a
/// year outside 1900–2155, or more than fits: 65535 directories, 4 GiB a file, 8 TiB in all.
pub fn write(label: &str, at: OffsetDateTime, files: &[File<'_>]) -> Result<Zeroizing<Vec<u8>>> {
    volume::check_label(label)?;
    let stamp = stamp::Stamp::new(at)?;
    let tree = tree::Tree::new(files)?;
    let layout = layout::Layout::new(&tree, &stamp)?;
    layout.image(label)
}
