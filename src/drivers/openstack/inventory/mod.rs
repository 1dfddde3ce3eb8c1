//! What a cloud offers: images, sizes, networks, security groups, and how much of it is used.

mod images;
mod lists;
mod networks;
pub(super) mod resolve;
mod sizes;
mod usage;

pub(super) use images::images;
pub(super) use lists::flavors;
pub(super) use networks::{networks, sec_groups};
pub(super) use sizes::sizes;
pub(super) use usage::data;

/// `path` with `parameters` behind it.
pub(super) fn query(path: &str, parameters: &[(&str, &str)]) -> String {
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    format!("{path}?{query}")
}
