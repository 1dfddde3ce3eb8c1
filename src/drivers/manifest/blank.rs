//! A page to begin with.

/// A manifest for a driver to be called `id`, with what can be said in its comments.
pub(crate) fn blank(id: &str) -> String {
    include_str!("blank.yaml").replace("NAME_OF_THE_DRIVER", id)
}
