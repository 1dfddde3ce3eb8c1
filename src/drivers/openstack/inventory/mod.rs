//! What a cloud offers, as answers list it: images, sizes, networks and security groups.

mod images;
mod networks;
mod sizes;

pub(super) use images::images;
pub(super) use networks::{networks, sec_groups};
pub(super) use sizes::sizes;
