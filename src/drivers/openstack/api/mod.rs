//! What the services answer: only the members that are used here, and each that a cloud may leave out
//! is optional.
//!
//! | file | concern |
//! |---|---|
//! | `compute` | Nova's |
//! | `image` | Glance's |
//! | `network` | Neutron's |
//! | `volume` | Cinder's |

pub(crate) mod compute;
pub(crate) mod image;
pub(crate) mod network;
pub(crate) mod volume;
