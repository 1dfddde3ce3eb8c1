//! What a libvirt host offers: networks, images, sizes, and how much of it is used.
//!
//! | file | concern |
//! |---|---|
//! | `images` | the volumes of a pool that a server can be made from |
//! | `networks` | the host's networks |
//! | `sizes` | the provider's flavours |
//! | `usage` | what is used and free; whether the host answers |

mod images;
mod networks;
mod sizes;
mod usage;

pub(super) use images::{delete as delete_image, image_of, images, no_such_image};
pub(super) use networks::networks;
pub(super) use sizes::{size_named, size_of, sizes};
pub(super) use usage::{data, status};
