//! The files as a tree.

use std::collections::HashMap;

use crate::{Error, Kind, Result};

use super::File;
use super::names::{self, Plain};

/// Where the root is in [`Tree::dirs`].
pub(super) const ROOT: usize = 0;

/// Directories and files; both refer to each other by index.
pub(super) struct Tree<'a> {
    pub(super) dirs: Vec<Dir>,
    pub(super) files: Vec<Leaf<'a>>,
}

/// A directory. The root is its own parent.
#[derive(Default)]
pub(super) struct Dir {
    pub(super) name: String,
    /// Its identifier in the primary volume.
    pub(super) plain: String,
    pub(super) parent: usize,
    pub(super) dirs: Vec<usize>,
    pub(super) files: Vec<usize>,
    given: Plain,
}

/// A file.
pub(super) struct Leaf<'a> {
    pub(super) name: String,
    /// Its identifier in the primary volume.
    pub(super) plain: String,
    pub(super) content: &'a [u8],
}

impl<'a> Tree<'a> {
    pub(super) fn new(files: &[File<'a>]) -> Result<Self> {
        let mut tree = Self {
            dirs: vec![Dir::default()],
            files: Vec::new(),
        };
        // what stands at a path: a directory's index, or nothing for a file
        let mut taken: HashMap<&str, Option<usize>> = HashMap::new();
        for file in files {
            let names = names::split(file.path)?;
            let Some((name, parents)) = names.split_last() else {
                return Err(clash(file.path));
            };
            let mut at = ROOT;
            let mut end = 0;
            for parent in parents {
                end += parent.len();
                let path = &file.path[..end];
                end += 1;
                at = match taken.get(path) {
                    Some(Some(dir)) => *dir,
                    Some(None) => return Err(clash(path)),
                    None => {
                        let dir = tree.add_dir(at, parent);
                        taken.insert(path, Some(dir));
                        dir
                    }
                };
            }
            if taken.insert(file.path, None).is_some() {
                return Err(clash(file.path));
            }
            tree.add_file(at, name, file.content);
        }
        Ok(tree)
    }

    fn add_dir(&mut self, parent: usize, name: &str) -> usize {
        let plain = self.dirs[parent].given.directory(name);
        let index = self.dirs.len();
        self.dirs.push(Dir {
            name: name.to_owned(),
            plain,
            parent,
            ..Dir::default()
        });
        self.dirs[parent].dirs.push(index);
        index
    }

    fn add_file(&mut self, parent: usize, name: &str, content: &'a [u8]) {
        let plain = self.dirs[parent].given.file(name);
        self.dirs[parent].files.push(self.files.len());
        self.files.push(Leaf {
            name: name.to_owned(),
            plain,
            content,
        });
    }
}

fn clash(path: &str) -> Error {
    Error::new(
        Kind::InvalidField,
        format!("{path:?} is there twice in the image: give each file its own path"),
    )
}
