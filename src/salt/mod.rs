//! What the Salt master reads.
#![allow(missing_docs, missing_debug_implementations)]
pub enum ConfigKind {
    Providers,
    Profiles,
}
pub fn write_config(
    _d: &std::path::Path,
    _k: ConfigKind,
    _n: &str,
    _t: &str,
    _r: bool,
) -> crate::Result<std::path::PathBuf> {
    Ok(std::path::PathBuf::new())
}
pub struct MinionId(String);
impl MinionId {
    pub fn new(s: &str) -> crate::Result<Self> {
        Ok(Self(s.into()))
    }
}
