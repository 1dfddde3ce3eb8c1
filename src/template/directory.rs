//! Where templates come from: the driver itself, and a directory of the administrator's.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{parse_yaml, placeholders, tera_template, to_yaml_block, yaml_1_1};
use crate::error::io_error;
use crate::plain_file;
use crate::units::MIB;
use crate::{Error, Kind, Result};

/// A template is a page of text; what is longer is some other file.
const LONGEST: u64 = MIB;

/// Finds templates by driver and name.
///
/// A file `<directory>/<driver_id>/<name>` (with `VAR_X` placeholders) or
/// `<directory>/<driver_id>/<name>.tera` (a Tera template) overrides the driver's own.
#[derive(Debug, Clone, Default)]
pub struct TemplateDirectory {
    overrides: Option<PathBuf>,
}

impl TemplateDirectory {
    /// The drivers' own templates only.
    #[must_use]
    pub fn shipped() -> Self {
        Self::default()
    }

    /// The templates in `directory` (which need not exist), then the drivers' own.
    pub fn with_overrides(directory: impl Into<PathBuf>) -> Self {
        Self {
            overrides: Some(directory.into()),
        }
    }

    /// The template `name` (`provider.conf`, `profile.conf`) of the driver `driver_id`; where there is no
    /// override, `own` is its text, which a driver brings.
    ///
    /// # Errors
    /// [`Kind::InvalidField`] if either is not a plain name, [`Kind::NotFound`] if there is none,
    /// [`Kind::Conflict`] if both forms of an override are there.
    pub fn load_or<'a>(
        &self,
        driver_id: &str,
        name: &str,
        own: impl FnOnce() -> Option<Cow<'a, str>>,
    ) -> Result<Template> {
        check_name("/driver_id", driver_id)?;
        check_name("/name", name)?;
        if let Some(template) = self.load_override(driver_id, name)? {
            return Ok(template);
        }
        let own = own().ok_or_else(|| {
            let message = match &self.overrides {
                Some(directory) => format!(
                    "there is no template {driver_id}/{name}: put one at {}",
                    directory.join(driver_id).join(name).display()
                ),
                None => format!("there is no template {driver_id}/{name}"),
            };
            Error::new(Kind::NotFound, message)
        })?;
        Ok(Template::new(format!("{driver_id}/{name}"), own))
    }

    fn load_override(&self, driver_id: &str, name: &str) -> Result<Option<Template>> {
        let Some(directory) = &self.overrides else {
            return Ok(None);
        };
        let plain = directory.join(driver_id).join(name);
        let tera = directory.join(driver_id).join(format!("{name}.tera"));
        match (read(&plain)?, read(&tera)?) {
            (Some(_), Some(_)) => {
                let message = format!(
                    "both {} and {} are there: remove the one that is not meant",
                    plain.display(),
                    tera.display()
                );
                Err(Error::new(Kind::Conflict, message))
            }
            (Some(source), None) => Ok(Some(Template::new(plain.display().to_string(), source))),
            (None, Some(source)) => Ok(Some(Template::new(tera.display().to_string(), source))),
            (None, None) => Ok(None),
        }
    }
}

/// A template of a YAML file.
#[derive(Debug, Clone)]
pub struct Template {
    name: String,
    source: String,
}

impl Template {
    /// A template from its text; a `name` that ends in `.tera` makes it a Tera template. Errors
    /// call it by `name`.
    pub fn new(name: impl Into<String>, source: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            source: source.into(),
        }
    }

    /// What errors call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Fills in `variables`, named in full (`VAR_X`) in both kinds of template.
    ///
    /// The result is block YAML in the template's order, every string quoted. Comments at the top
    /// are kept, others are not, and members whose value is a `null` variable are left out. It may
    /// hold secrets.
    ///
    /// # Errors
    /// [`Kind::InvalidField`], naming the template, for a variable without a value (its field is
    /// `/VAR_X`) and for a template that is not valid.
    pub fn render(&self, variables: &Map<String, Value>) -> Result<String> {
        let extension = Path::new(&self.name).extension();
        let is_tera = extension.is_some_and(|extension| extension == "tera");
        self.check_ambiguous()?;
        let (tree, text) = if is_tera {
            tera_template::render(&self.name, &self.source, variables)?
        } else {
            let tree = parse_yaml(&self.name, &self.source)?;
            (
                placeholders::substitute(&self.name, tree, variables)?,
                self.source.clone(),
            )
        };
        if !tree.is_object() {
            let message = format!("the template {} does not give a mapping", self.name);
            return Err(Error::new(Kind::InvalidField, message));
        }
        let rendered = format!("{}{}", header(&text), to_yaml_block(&tree)?);
        if parse_yaml(&self.name, &rendered)? != tree {
            let message = format!("the template {} did not survive being written", self.name);
            return Err(Error::new(Kind::Internal, message));
        }
        Ok(rendered)
    }

    /// Refuses what Salt would have read otherwise than this program does.
    fn check_ambiguous(&self) -> Result<()> {
        let Some((line, plain)) = yaml_1_1::find_ambiguous(&self.source) else {
            return Ok(());
        };
        let message = format!(
            "the template {} has {plain} in line {line}, which YAML readers take for different things: \
             put it in quotes, or write true, false or a decimal number",
            self.name
        );
        Err(Error::new(Kind::InvalidField, message))
    }
}

/// The comments before anything else.
fn header(text: &str) -> String {
    let mut header = String::new();
    for line in text.lines() {
        if line.starts_with('#') {
            header.push_str(line);
            header.push('\n');
        } else if !line.trim().is_empty() {
            break;
        }
    }
    header
}

fn check_name(field: &str, name: &str) -> Result<()> {
    let plain = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.len() <= 64
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    if plain {
        return Ok(());
    }
    let message = format!("{name:?} is not a name: letters, digits, `.`, `_` and `-`, at most 64");
    Err(Error::invalid(field, message))
}

fn read(path: &Path) -> Result<Option<String>> {
    match plain_file::text(path, LONGEST) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_error("read the template", path, &error)),
    }
}

#[cfg(test)]
mod tests;
