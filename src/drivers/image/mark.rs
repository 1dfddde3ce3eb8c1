//! What an image begins with until it is whole.
//!
//! The first sector is written last. Until then it holds a mark that only this import has, so that an
//! image that was cut off is told from a whole one, and from somebody else's of that name.

use uuid::Uuid;

/// The smallest image: a sector.
pub(crate) const SECTOR: usize = 512;

const BEGINNING: &str = "va-driver import ";

/// The first sector while the import `id` is under way.
pub(crate) fn sector(id: Uuid) -> Vec<u8> {
    let mut text = format!("{BEGINNING}{id}\nThis image is being brought here and is not whole.\n");
    text.extend(std::iter::repeat_n('\n', SECTOR - text.len()));
    text.into_bytes()
}

/// Whether an image that begins with `head` is not whole yet.
pub(crate) fn is_unfinished(head: &[u8]) -> bool {
    head.starts_with(BEGINNING.as_bytes())
}

/// Whether it is the import `id` that has left it so.
pub(crate) fn is_of(id: Uuid, head: &[u8]) -> bool {
    head.starts_with(&sector(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unfinished_image_is_that_of_its_import_alone() {
        let (id, other) = (Uuid::new_v4(), Uuid::new_v4());
        let sector = sector(id);
        assert_eq!(sector.len(), SECTOR);
        assert!(is_unfinished(&sector) && is_of(id, &sector));
        assert!(!is_of(other, &sector));
        // a sector that was written in part, and what is no image at all
        assert!(!is_of(id, &sector[..SECTOR - 1]));
        assert!(!is_unfinished(b"") && !is_of(id, b""));
    }
}
