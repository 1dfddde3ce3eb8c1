//! What the services answer: only the members that are used here, and each that a cloud may leave out
//! is optional. One that is null or
//! not what it should be is taken for one that was left out.
//!
//! | file | concern |
//! |---|---|
//! | `compute` | Nova's |
//! | `image` | Glance's |
//! | `network` | Neutron's |
//! | `volume` | Cinder's |
//! | `lenient` | how what does not fit is passed over |

pub(crate) mod compute;
pub(crate) mod image;
mod lenient;
pub(crate) mod network;
pub(crate) mod volume;

/// What is shown as the name of something: its `name`, or its `id` where it has none.
pub(crate) fn called(name: String, id: &str) -> String {
    if name.is_empty() { id.to_owned() } else { name }
}
