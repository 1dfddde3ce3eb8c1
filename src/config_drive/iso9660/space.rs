//! One of the two hierarchies of an image: the primary volume's or Joliet's. They differ in names
//! and order, and share the files' contents.

use crate::Result;

use super::bytes::too_large;
use super::directory::{Extent, Record, pack};
use super::names;
use super::rock_ridge::{Attributes, continuation, indicator};
use super::stamp::Stamp;
use super::tree::{ROOT, Tree};

/// Whose names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Plain names with Rock Ridge; the extension's record is at `continuation`.
    Primary {
        /// Where the root's system use entries go on.
        continuation: Extent,
    },
    /// Joliet's.
    Joliet,
}

/// Where everything is that directories point to, by index into the tree.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    pub(super) dirs: Vec<Extent>,
    pub(super) files: Vec<Extent>,
}

/// A hierarchy.
pub(super) struct Space<'a> {
    tree: &'a Tree<'a>,
    kind: Kind,
    /// Directories in the order of the path table, ECMA-119 6.9.1.
    order: Vec<usize>,
    /// Each directory's number there, from 1, by index into the tree.
    numbers: Vec<u16>,
    /// Each directory's entries in order, by index into the tree.
    entries: Vec<Vec<Entry>>,
}

struct Entry {
    identifier: Vec<u8>,
    target: Target,
}

#[derive(Clone, Copy)]
enum Target {
    Dir(usize),
    File(usize),
}

impl<'a> Space<'a> {
    pub(super) fn new(tree: &'a Tree<'a>, kind: Kind) -> Result<Self> {
        let entries: Vec<_> = (0..tree.dirs.len())
            .map(|dir| entries(tree, kind, dir))
            .collect();
        // Breadth first, each directory's children in order: that is by level, then by the
        // parent's number, then by name.
        let mut order = vec![ROOT];
        let mut next = 0;
        while let Some(&dir) = order.get(next) {
            order.extend(entries[dir].iter().filter_map(|entry| match entry.target {
                Target::Dir(dir) => Some(dir),
                Target::File(_) => None,
            }));
            next += 1;
        }
        let mut numbers = vec![0; order.len()];
        for (index, &dir) in order.iter().enumerate() {
            numbers[dir] = u16::try_from(index + 1).map_err(|_| too_large())?;
        }
        Ok(Self {
            tree,
            kind,
            order,
            numbers,
            entries,
        })
    }

    /// Directories, in the order in which they are laid out.
    pub(super) fn order(&self) -> &[usize] {
        &self.order
    }

    /// The bytes of directory `dir`. Their number does not depend on `places`.
    pub(super) fn directory(&self, dir: usize, places: &Places, stamp: &Stamp) -> Result<Vec<u8>> {
        let parent = self.tree.dirs[dir].parent;
        let mut records = vec![
            self.dot(dir, &[0], dir == ROOT, places)
                .encode(stamp, self)?,
            self.dot(parent, &[1], false, places).encode(stamp, self)?,
        ];
        for entry in &self.entries[dir] {
            let (extent, is_directory) = match entry.target {
                Target::Dir(dir) => (places.dirs[dir], true),
                Target::File(file) => (places.files[file], false),
            };
            let draft = Draft {
                identifier: &entry.identifier,
                extent,
                is_directory,
                attributes: self.attributes(entry.target),
                is_root: false,
            };
            records.push(draft.encode(stamp, self)?);
        }
        Ok(pack(&records))
    }

    /// The path table, in the order of bytes that `number16` and `number32` give.
    pub(super) fn path_table(
        &self,
        places: &Places,
        number16: fn(u16) -> [u8; 2],
        number32: fn(u32) -> [u8; 4],
    ) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        for &dir in &self.order {
            let identifier = if dir == ROOT {
                vec![0]
            } else {
                identifier(self.tree, self.kind, Target::Dir(dir))
            };
            out.push(u8::try_from(identifier.len()).map_err(|_| too_large())?);
            out.push(0); // no extended attribute record
            out.extend_from_slice(&number32(places.dirs[dir].sector));
            out.extend_from_slice(&number16(self.numbers[self.tree.dirs[dir].parent]));
            out.extend_from_slice(&identifier);
            if identifier.len() % 2 == 1 {
                out.push(0);
            }
        }
        Ok(out)
    }

    fn dot<'b>(&'b self, dir: usize, name: &'b [u8], is_root: bool, at: &Places) -> Draft<'b> {
        Draft {
            identifier: name,
            extent: at.dirs[dir],
            is_directory: true,
            attributes: Attributes::directory(None, self.tree.dirs[dir].dirs.len()),
            is_root,
        }
    }

    fn attributes(&self, target: Target) -> Attributes<'_> {
        match target {
            Target::Dir(dir) => {
                let dir = &self.tree.dirs[dir];
                Attributes::directory(Some(&dir.name), dir.dirs.len())
            }
            Target::File(file) => Attributes::file(&self.tree.files[file].name),
        }
    }
}

/// The 34 bytes of the root's record that a volume descriptor holds.
pub(super) fn root(places: &Places, stamp: &Stamp) -> Result<Vec<u8>> {
    Record {
        identifier: &[0],
        extent: places.dirs[ROOT],
        is_directory: true,
        system_use: Vec::new(),
    }
    .encode(stamp)
}

/// A record before it is known which hierarchy's system use area it gets.
struct Draft<'a> {
    identifier: &'a [u8],
    extent: Extent,
    is_directory: bool,
    attributes: Attributes<'a>,
    is_root: bool,
}

impl Draft<'_> {
    fn encode(&self, stamp: &Stamp, space: &Space<'_>) -> Result<Vec<u8>> {
        let mut system_use = Vec::new();
        if let Kind::Primary { continuation: at } = space.kind {
            if self.is_root {
                system_use.extend(indicator());
            }
            system_use.extend(self.attributes.entries(stamp));
            if self.is_root {
                system_use.extend(continuation(at.sector, at.bytes));
            }
        }
        Record {
            identifier: self.identifier,
            extent: self.extent,
            is_directory: self.is_directory,
            system_use,
        }
        .encode(stamp)
    }
}

fn entries(tree: &Tree<'_>, kind: Kind, dir: usize) -> Vec<Entry> {
    let dir = &tree.dirs[dir];
    let targets = dir.dirs.iter().copied().map(Target::Dir);
    let targets = targets.chain(dir.files.iter().copied().map(Target::File));
    let mut entries: Vec<Entry> = targets
        .map(|target| Entry {
            identifier: identifier(tree, kind, target),
            target,
        })
        .collect();
    entries.sort_by(|a, b| sort_key(kind, &a.identifier).cmp(&sort_key(kind, &b.identifier)));
    entries
}

fn identifier(tree: &Tree<'_>, kind: Kind, target: Target) -> Vec<u8> {
    let (name, plain) = match target {
        Target::Dir(dir) => (&tree.dirs[dir].name, &tree.dirs[dir].plain),
        Target::File(file) => (&tree.files[file].name, &tree.files[file].plain),
    };
    match kind {
        Kind::Primary { .. } => plain.clone().into_bytes(),
        Kind::Joliet => names::joliet(name),
    }
}

/// ECMA-119 9.3: by name, then by extension. Joliet's are compared whole, as other writers do.
fn sort_key(kind: Kind, identifier: &[u8]) -> (&[u8], &[u8]) {
    let dot = match kind {
        Kind::Primary { .. } => identifier.iter().position(|&byte| byte == b'.'),
        Kind::Joliet => None,
    };
    identifier.split_at(dot.unwrap_or(identifier.len()))
}
