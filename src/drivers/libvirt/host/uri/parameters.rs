//! The parameters in a URI's query, read and written as libvirt does it.

use url::Url;

/// The query's parameters as libvirt reads them: names regardless of case, `+` for itself.
pub(super) fn parameters(url: &Url) -> Vec<(String, String)> {
    let query = url.query().unwrap_or_default().replace('+', "%2B");
    url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned()))
        .collect()
}

/// Adds a query parameter as libvirt reads it: it does not know `+` for a space.
pub(super) fn add_parameter(url: &mut Url, name: &str, value: &str) {
    let pair = url::form_urlencoded::Serializer::new(String::new())
        .append_pair(name, value)
        .finish()
        .replace('+', "%20");
    let query = match url.query() {
        Some(query) if !query.is_empty() => format!("{query}&{pair}"),
        _ => pair,
    };
    url.set_query(Some(&query));
}
