//! Profiles of a provider that this program wrote under other names.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::config_files::{ConfigKind, HEADER, LONGEST};
use crate::confined_dir::ConfinedDir;
use crate::template::parse_yaml;

/// The files below `config_dir`, but for the one of `profile`, that this program wrote for `provider`.
///
/// A provider may well have several profiles, so none of them is replaced by another; but who wrote
/// one under a new name has to know of the old one. What cannot be read is nobody's.
pub(crate) fn other_profiles(config_dir: &Path, provider: &str, profile: &str) -> Vec<PathBuf> {
    let folder = config_dir.join(ConfigKind::Profiles.folder());
    let (Ok(entries), Ok(dir)) = (fs::read_dir(&folder), ConfinedDir::open(&folder)) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|file| {
            file.strip_suffix(".conf")
                .is_some_and(|name| name != profile)
        })
        .filter(|file| {
            let text = dir.read(file, LONGEST).ok().flatten();
            text.is_some_and(|bytes| is_ours_for(provider, &String::from_utf8_lossy(&bytes)))
        })
        .map(|file| dir.path_of(&file))
        .collect();
    found.sort();
    found
}

fn is_ours_for(provider: &str, text: &str) -> bool {
    let Some(Ok(Value::Object(profiles))) = text
        .strip_prefix(HEADER)
        .map(|text| parse_yaml("a profile", text))
    else {
        return false;
    };
    profiles.values().any(|profile| {
        let named = profile.get("provider").and_then(Value::as_str);
        // Salt's own way to say whose it is: `alias:driver`
        named.and_then(|name| name.split(':').next()) == Some(provider)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::salt::write_config;

    #[test]
    fn what_was_written_for_the_same_provider_is_found_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(
            other_profiles(dir.path(), "kvm", "new"),
            Vec::<PathBuf>::new()
        );
        for (name, provider) in [("old", "kvm:va_libvirt"), ("new", "kvm"), ("of", "kvm2")] {
            let text = format!("{name}:\n  provider: {provider}\n");
            write_config(dir.path(), ConfigKind::Profiles, name, &text, false).unwrap();
        }
        let folder = dir.path().join("cloud.profiles.d");
        fs::write(folder.join("mine.conf"), "mine: {provider: kvm}\n").unwrap();
        fs::write(folder.join("broken.conf"), format!("{HEADER}a: [")).unwrap();
        let found = other_profiles(dir.path(), "kvm", "new");
        assert_eq!(found, [folder.join("old.conf")]);
    }
}
