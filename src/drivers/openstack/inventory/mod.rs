//! What a cloud offers: images, sizes, networks, security groups, and how much of it is used.

mod lists;
pub(super) mod resolve;

/// `path` with `parameters` behind it.
pub(super) fn query(path: &str, parameters: &[(&str, &str)]) -> String {
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    format!("{path}?{query}")
}
