//! JSON pointers (RFC 6901).

/// `segment` as it stands in a pointer.
pub(crate) fn escape(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}
