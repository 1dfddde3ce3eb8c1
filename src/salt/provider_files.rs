//! Reading providers out of Salt's cloud configuration.

use std::fs;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::error::io_error;
use crate::plain_file;
use crate::template::parse_yaml;
use crate::{Error, Kind, Result};

/// The provider `name` (or `name:driver`, as Salt writes it) from `<config_dir>/cloud.providers` and
/// `cloud.providers.d/*.conf`, as it stands there; references such as `sdb://…` are not resolved. Where
/// several files have the name, the last one counts, as for Salt.
///
/// YAML 1.1's `yes` and `no` without quotes arrive as text.
///
/// # Errors
/// [`Kind::NotFound`], naming the providers there are and the files that could not be read;
/// [`Kind::Conflict`] if the name has several drivers; [`Kind::Unsupported`] for `extends`.
pub(crate) fn read_provider(config_dir: &Path, name: &str) -> Result<Map<String, Value>> {
    let (alias, driver) = match name.split_once(':') {
        Some((alias, driver)) => (alias, Some(driver)),
        None => (name, None),
    };
    let files = Files::read(config_dir)?;
    let Some((found, _)) = files.providers.get(alias) else {
        let mut message = format!("there is no provider {alias:?} in {}", config_dir.display());
        if !files.providers.is_empty() {
            let names: Vec<_> = files.providers.keys().map(String::as_str).collect();
            message = format!("{message}: there are {}", names.join(", "));
        }
        let error = Error::new(Kind::NotFound, message);
        return Err(files.broken.iter().fold(error, Error::with_source));
    };
    let entries = match found {
        Value::Array(entries) => entries.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut matching = entries.iter().filter_map(Value::as_object).filter(|entry| {
        driver.is_none_or(|driver| entry.get("driver").and_then(Value::as_str) == Some(driver))
    });
    let provider = matching.next().ok_or_else(|| {
        let message = format!("the provider {name:?} is not a mapping with that driver");
        Error::new(Kind::NotFound, message)
    })?;
    if matching.next().is_some() {
        let message = format!("the provider {alias:?} has several drivers: say `{alias}:driver`");
        return Err(Error::new(Kind::Conflict, message));
    }
    if provider.contains_key("extends") {
        let message = format!(
            "the provider {alias:?} extends another one, which is read by Salt only: write it out"
        );
        return Err(Error::new(Kind::Unsupported, message));
    }
    Ok(provider.clone())
}

/// A provider's name, its entry and its file.
pub(crate) type ListedProvider = (String, Value, PathBuf);

/// Every provider there is: one after the other where a name has several
/// drivers; and what was wrong with files that could not be read.
pub(crate) fn list_providers(config_dir: &Path) -> Result<(Vec<ListedProvider>, Vec<Error>)> {
    let files = Files::read(config_dir)?;
    let mut listed = Vec::new();
    for (alias, (found, file)) in files.providers {
        let several = found.as_array().is_some_and(|entries| entries.len() > 1);
        let entries = match found {
            Value::Array(entries) => entries,
            single => vec![single],
        };
        for entry in entries {
            let name = match entry["driver"].as_str() {
                Some(driver) if several => format!("{alias}:{driver}"),
                _ => alias.clone(),
            };
            listed.push((name, entry, file.clone()));
        }
    }
    Ok((listed, files.broken))
}

struct Files {
    /// By their names: what stands there, and in which file.
    providers: IndexMap<String, (Value, PathBuf)>,
    /// What was wrong with the files that could not be read; another provider's must not matter.
    broken: Vec<Error>,
}

impl Files {
    fn read(config_dir: &Path) -> Result<Self> {
        let mut files = Self {
            providers: IndexMap::new(),
            broken: Vec::new(),
        };
        for path in paths(config_dir)? {
            match read_mapping(&path) {
                Ok(mapping) => {
                    let placed = mapping.into_iter();
                    let placed = placed.map(|(name, found)| (name, (found, path.clone())));
                    files.providers.extend(placed);
                }
                Err(error) => files.broken.push(error),
            }
        }
        // an option of Salt's, not a provider
        files.providers.shift_remove("include");
        Ok(files)
    }
}

fn paths(config_dir: &Path) -> Result<Vec<PathBuf>> {
    let folder = config_dir.join("cloud.providers.d");
    let mut paths = Vec::new();
    match fs::read_dir(&folder) {
        Ok(entries) => {
            for entry in entries {
                let path = entry
                    .map_err(|error| io_error("list", &folder, &error))?
                    .path();
                let hidden = path
                    .file_name()
                    .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
                if !hidden
                    && path
                        .extension()
                        .is_some_and(|extension| extension == "conf")
                {
                    paths.push(path);
                }
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(io_error("list", &folder, &error)),
    }
    paths.sort();
    let single = config_dir.join("cloud.providers");
    if single.exists() {
        paths.insert(0, single);
    }
    Ok(paths)
}

fn read_mapping(path: &Path) -> Result<Map<String, Value>> {
    let text = plain_file::text(path, plain_file::LONGEST)
        .map_err(|error| io_error("read", path, &error))?;
    match parse_yaml(&path.display().to_string(), &text)? {
        Value::Object(mapping) => Ok(mapping),
        // a file of comments
        Value::Null => Ok(Map::new()),
        _ => Err(Error::new(
            Kind::InvalidField,
            format!("{} is not a mapping", path.display()),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::read_provider;
    use crate::Kind;
    use serde_json::Value;
    use std::fs;

    #[test]
    fn providers_are_found_in_every_shape() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("cloud.providers.d");
        assert_eq!(
            read_provider(dir.path(), "a").unwrap_err().kind(),
            Kind::NotFound
        );
        fs::create_dir(&folder).unwrap();
        fs::write(
            dir.path().join("cloud.providers"),
            "a: {driver: va_libvirt, from: main}\ninclude: x\n",
        )
        .unwrap();
        fs::write(
            folder.join("1.conf"),
            "b:\n  driver: va_libvirt\n  password: sdb://vault/p\n",
        )
        .unwrap();
        fs::write(
            folder.join("2.conf"),
            "c:\n  - driver: x\n    n: 1\n  - driver: y\n    n: 2\n",
        )
        .unwrap();
        fs::write(
            folder.join("3.conf"),
            "b: {driver: later}\nd: [{driver: z}]\ne: {extends: b}\n",
        )
        .unwrap();
        fs::write(folder.join("4.conf"), "# nothing\n").unwrap();
        fs::write(folder.join("5.conf"), "broken: [hunter2").unwrap();
        fs::write(folder.join("6.txt"), "f: {}").unwrap();
        fs::write(folder.join(".7.conf"), "g: {}").unwrap();

        let get =
            |name: &str, member: &str| read_provider(dir.path(), name).unwrap()[member].clone();
        assert_eq!(get("a", "from"), Value::from("main"));
        assert_eq!(get("b", "driver"), Value::from("later"));
        assert_eq!(get("c:y", "n"), Value::from(2));
        assert_eq!(get("d", "driver"), Value::from("z"));
        assert_eq!(
            read_provider(dir.path(), "c").unwrap_err().kind(),
            Kind::Conflict
        );
        assert_eq!(
            read_provider(dir.path(), "c:z").unwrap_err().kind(),
            Kind::NotFound
        );
        assert_eq!(
            read_provider(dir.path(), "e").unwrap_err().kind(),
            Kind::Unsupported
        );
        let error = read_provider(dir.path(), "f").unwrap_err();
        assert!(error.message().contains("a, b, c, d, e"), "{error}");
        assert!(error.sources()[0].contains("5.conf") && !error.sources()[0].contains("hunter2"));
    }

    #[test]
    fn references_stay_as_they_are() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("cloud.providers.d")).unwrap();
        fs::write(
            dir.path().join("cloud.providers.d/b.conf"),
            "b: {driver: d, password: 'sdb://vault/p'}",
        )
        .unwrap();
        assert_eq!(
            read_provider(dir.path(), "b").unwrap()["password"],
            "sdb://vault/p"
        );
    }
}
