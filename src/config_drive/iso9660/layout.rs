//! What lies where, and the image made of it.
//!
//! | sectors | |
//! |---|---|
//! | 0–15 | unused |
//! | 16, 17, 18 | primary, Joliet's and the last descriptor |
//! | 19 … | path tables: the primary's little- and big-endian one, Joliet's |
//! | … | the primary's directories, the record of its extension, Joliet's directories |
//! | … | files, in the order given |

use zeroize::Zeroizing;

use crate::Result;

use super::SECTOR;
use super::bytes::{sectors, too_large, u32_of};
use super::directory::Extent;
use super::rock_ridge;
use super::space::{Kind, Places, Space, root};
use super::stamp::Stamp;
use super::tree::Tree;
use super::volume::{Descriptor, Flavour, terminator};

const FIRST_DESCRIPTOR: u32 = 16;
const FIRST_PATH_TABLE: u32 = 19;

/// An image, planned.
pub(super) struct Layout<'a> {
    tree: &'a Tree<'a>,
    stamp: &'a Stamp,
    primary: Half<'a>,
    joliet: Half<'a>,
    extension: u32,
    sectors: u32,
}

/// One hierarchy with its places.
struct Half<'a> {
    space: Space<'a>,
    places: Places,
    path_tables: [u32; 2],
    path_table_bytes: u32,
}

impl<'a> Layout<'a> {
    pub(super) fn new(tree: &'a Tree<'a>, stamp: &'a Stamp) -> Result<Self> {
        let extension_bytes = u32_of(rock_ridge::extension().len())?;
        let unplaced = Kind::Primary {
            continuation: Extent::default(),
        };
        let mut cursor = Cursor(FIRST_PATH_TABLE);
        let mut primary = Half::new(Space::new(tree, unplaced)?, &mut cursor)?;
        let mut joliet = Half::new(Space::new(tree, Kind::Joliet)?, &mut cursor)?;

        primary.place_directories(tree, stamp, &mut cursor)?;
        let extension = cursor.take(1)?;
        let placed = Kind::Primary {
            continuation: Extent {
                sector: extension,
                bytes: extension_bytes,
            },
        };
        primary.space = Space::new(tree, placed)?;
        joliet.place_directories(tree, stamp, &mut cursor)?;

        let mut files = Vec::with_capacity(tree.files.len());
        for file in &tree.files {
            files.push(match file.content.len() {
                0 => Extent::default(),
                bytes => Extent {
                    sector: cursor.take(sectors(bytes)?)?,
                    bytes: u32_of(bytes)?,
                },
            });
        }
        primary.places.files.clone_from(&files);
        joliet.places.files = files;
        Ok(Self {
            tree,
            stamp,
            primary,
            joliet,
            extension,
            sectors: cursor.0,
        })
    }

    pub(super) fn image(&self, label: &str) -> Result<Zeroizing<Vec<u8>>> {
        let bytes = usize::try_from(self.sectors)
            .ok()
            .and_then(|sectors| sectors.checked_mul(SECTOR))
            .ok_or_else(too_large)?;
        let mut image = Zeroizing::new(vec![0; bytes]);
        let halves = [
            (Flavour::Primary, &self.primary),
            (Flavour::Joliet, &self.joliet),
        ];
        let mut descriptor = FIRST_DESCRIPTOR;
        for (flavour, half) in halves {
            let content = Descriptor {
                flavour,
                label,
                sectors: self.sectors,
                path_table_bytes: half.path_table_bytes,
                path_tables: half.path_tables,
                root: root(&half.places, self.stamp)?,
                stamp: self.stamp,
            };
            put(&mut image, descriptor, &content.encode());
            descriptor += 1;
            half.write(&mut image, self.stamp)?;
        }
        put(&mut image, descriptor, &terminator());
        put(&mut image, self.extension, &rock_ridge::extension());
        for (file, extent) in self.tree.files.iter().zip(&self.primary.places.files) {
            put(&mut image, extent.sector, file.content);
        }
        Ok(image)
    }
}

impl<'a> Half<'a> {
    /// The hierarchy with its path tables placed; nothing else is.
    fn new(space: Space<'a>, cursor: &mut Cursor) -> Result<Self> {
        let mut half = Self {
            places: Places {
                dirs: vec![Extent::default(); space.order().len()],
                files: Vec::new(),
            },
            space,
            path_tables: [0; 2],
            path_table_bytes: 0,
        };
        let table = half.path_table_le()?;
        half.path_table_bytes = u32_of(table.len())?;
        for place in &mut half.path_tables {
            *place = cursor.take(sectors(table.len())?)?;
        }
        Ok(half)
    }

    fn place_directories(
        &mut self,
        tree: &Tree<'_>,
        stamp: &Stamp,
        cursor: &mut Cursor,
    ) -> Result<()> {
        // a directory's size does not depend on where things are
        let nowhere = Places {
            dirs: self.places.dirs.clone(),
            files: vec![Extent::default(); tree.files.len()],
        };
        for &dir in self.space.order() {
            let bytes = self.space.directory(dir, &nowhere, stamp)?.len();
            self.places.dirs[dir] = Extent {
                sector: cursor.take(sectors(bytes)?)?,
                bytes: u32_of(bytes)?,
            };
        }
        Ok(())
    }

    fn path_table_le(&self) -> Result<Vec<u8>> {
        let places = &self.places;
        self.space
            .path_table(places, u16::to_le_bytes, u32::to_le_bytes)
    }

    fn path_table_be(&self) -> Result<Vec<u8>> {
        let places = &self.places;
        self.space
            .path_table(places, u16::to_be_bytes, u32::to_be_bytes)
    }

    fn write(&self, image: &mut [u8], stamp: &Stamp) -> Result<()> {
        let [little, big] = self.path_tables;
        put(image, little, &self.path_table_le()?);
        put(image, big, &self.path_table_be()?);
        for &dir in self.space.order() {
            let content = self.space.directory(dir, &self.places, stamp)?;
            put(image, self.places.dirs[dir].sector, &content);
        }
        Ok(())
    }
}

/// The next free sector.
struct Cursor(u32);

impl Cursor {
    fn take(&mut self, sectors: u32) -> Result<u32> {
        let start = self.0;
        self.0 = start.checked_add(sectors).ok_or_else(too_large)?;
        Ok(start)
    }
}

/// Copies `content` to `sector`; the image was made large enough for all that was placed.
fn put(image: &mut [u8], sector: u32, content: &[u8]) {
    let start = sector as usize * SECTOR;
    image[start..start + content.len()].copy_from_slice(content);
}
