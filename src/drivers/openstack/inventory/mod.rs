//! What a cloud offers, as answers list it: images, sizes, networks and security groups.
//!
//! | file | concern |
//! |---|---|
//! | `images` | images that servers can be made from |
//! | `networks` | networks and security groups |
//! | `sizes` | flavours, with the provider's prices |

mod images;
mod networks;
mod sizes;

pub(super) use images::images;
pub(super) use networks::{networks, sec_groups};
pub(super) use sizes::sizes;
