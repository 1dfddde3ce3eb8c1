//! What the user's user-data is, found as cloud-init finds it.

/// A kind of user-data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A MIME message with its own headers.
    Mime,
    /// `text/` and this.
    Text(&'static str),
}

/// Beginnings and types, a beginning before those that it begins with.
const KINDS: [(&str, &str); 9] = [
    ("#cloud-config-archive", "cloud-config-archive"),
    ("#cloud-config-jsonp", "cloud-config-jsonp"),
    ("#cloud-config", "cloud-config"),
    ("## template: jinja", "jinja2"),
    ("#cloud-boothook", "cloud-boothook"),
    ("#part-handler", "part-handler"),
    ("#include-once", "x-include-once-url"),
    ("#include", "x-include-url"),
    ("#!", "x-shellscript"),
];

/// How what cloudbase-init runs begins, on Windows.
const FOR_WINDOWS: [&str; 4] = ["#ps1", "<powershell>", "<script>", "rem cmd"];

/// How far cloud-init looks for a MIME header.
const LOOKED_AT: usize = 4096;

impl Kind {
    /// The kind of `text`, if cloud-init knows it.
    pub(super) fn of(text: &str) -> Option<Self> {
        let start = text.trim_start();
        let known = KINDS
            .iter()
            .find(|(beginning, _)| begins_with(start, beginning))
            .map(|(_, subtype)| Self::Text(subtype));
        let is_mime = || looks_like_mime(text.as_bytes()) || begins_with(start, "content-type:");
        known.or_else(|| is_mime().then_some(Self::Mime))
    }
}

/// Whether `text` is for a guest that has another program than cloud-init to read it: Ignition, or
/// cloudbase-init.
pub(super) fn is_for_another(text: &str) -> bool {
    let start = text.trim_start();
    ignition(text).is_some()
        || FOR_WINDOWS
            .iter()
            .any(|beginning| begins_with(start, beginning))
}

/// The config of Ignition that `text` is: <https://coreos.github.io/ignition/specs/>.
pub(crate) fn ignition(text: &str) -> Option<&str> {
    let config = without_mark(text);
    let is_one = config.trim_start().starts_with('{') && config.contains("\"ignition\"");
    is_one.then_some(config)
}

/// `text` without an editor's mark of UTF-8, which would hide its header from who reads it.
pub(super) fn without_mark(text: &str) -> &str {
    text.trim_start_matches('\u{feff}')
}

/// Whether cloud-init takes `content` for a MIME message.
pub(super) fn looks_like_mime(content: &[u8]) -> bool {
    let header = b"mime-version:";
    content[..content.len().min(LOOKED_AT)]
        .windows(header.len())
        .any(|window| window.eq_ignore_ascii_case(header))
}

/// The beginnings, for people.
pub(super) fn beginnings() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(beginning, _)| *beginning)
}

fn begins_with(text: &str, beginning: &str) -> bool {
    text.get(..beginning.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(beginning))
}
