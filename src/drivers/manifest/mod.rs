//! Drivers that are described by a page of YAML, against the base driver.
//!
//! | file | concern |
//! |---|---|
//! | `file` | the page as it stands in its file |
//! | `locate` | the line of a member |
//! | `steps`, `fields` | the form: the base steps, and what the page says of them |
//! | `variables` | which `VAR_X` there are, and which the page may use where |
//! | `choices`, `asked` | where choices come from; those sources, asked |
//! | `field_text` | a field's value as text |
//! | `record` | a provider as the form or as Salt's configuration holds it |
//! | `master` | the master's side |
//! | `driver` | the page as a driver |
//! | `blank` | a page to begin with |

mod asked;
mod blank;
mod choices;
mod driver;
mod field_text;
mod fields;
mod file;
mod locate;
mod master;
mod record;
mod steps;
#[cfg(test)]
mod tests;
mod variables;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::decode::decode;
use crate::driver::{Action, BrokenDriver, Driver, Field, Step};
use crate::template::{check_brackets, find_ambiguous_in_flow, parse_yaml};
use crate::{Error, Result};
pub(crate) use blank::blank;
use choices::Source;
pub(crate) use file::ManifestFile;

/// The version of manifests that is read.
const VERSION: u64 = 1;
/// What salt-cloud's drivers may be able to do, beside deleting.
const ACTIONS: [Action; 3] = [Action::Start, Action::Stop, Action::Reboot];

type Parsed<T> = std::result::Result<T, BrokenDriver>;

/// A driver as its page describes it.
#[derive(Debug)]
pub(crate) struct Manifest {
    id: String,
    name: String,
    salt_driver: Option<String>,
    steps: Vec<Step>,
    /// Where the choices of fields come from that are asked for.
    sources: BTreeMap<String, Source>,
    server: Vec<Field>,
    provider: Map<String, Value>,
    profile: Map<String, Value>,
    actions: Vec<Action>,
}

/// The driver `id` that the `text` of `file` describes.
pub(super) fn read(file: &Path, id: &str, text: &[u8]) -> Parsed<Arc<dyn Driver>> {
    Ok(Arc::new(parse(file, id, text)?))
}

/// The manifest of the driver `id` in the `text` of `file`.
pub(crate) fn parse(file: &Path, id: &str, text: &[u8]) -> Parsed<Manifest> {
    let broken = |line, message: String| BrokenDriver::new(file, message).at_line(line);
    let text = std::str::from_utf8(text).map_err(|error| {
        let before = String::from_utf8_lossy(&text[..error.valid_up_to()]);
        let line = before.matches('\n').count() + 1;
        broken(Some(line), "it is not UTF-8 text".to_owned())
    })?;
    if let Some((line, plain)) = find_ambiguous_in_flow(text) {
        let message = format!(
            "readers of YAML take {plain} for different things: put it in quotes, or write true, false or \
             a decimal number"
        );
        return Err(broken(Some(line), message));
    }
    let tree = parse_yaml("the manifest", text).map_err(|error| {
        let readable = check_brackets(text).ok();
        let failed = readable.and_then(|()| serde_yaml::from_str::<serde_yaml::Value>(text).err());
        let place = failed.and_then(|error| error.location());
        broken(place.map(|place| place.line()), error.message().to_owned())
    })?;
    if tree.is_null() {
        let message = "it is empty; `va-driver driver new NAME` writes one to begin with";
        return Err(broken(None, message.to_owned()));
    }
    describe(id, &tree).map_err(|error| {
        let variable = error.field().and_then(|field| field.strip_prefix("VAR_"));
        let line = match variable {
            Some(name) => line_with(text, &format!("VAR_{name}")),
            None => error.field().and_then(|at| locate::line_of(text, at)),
        };
        broken(line, error.message().trim_start_matches('/').to_owned())
    })
}

/// The first line of `text` that holds the whole `word`.
fn line_with(text: &str, word: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut lines = text.lines();
    let found = lines.position(|line| line.split(|c| !is_part(c)).any(|one| one == word));
    found.map(|index| index + 1)
}

/// The manifest that `tree` describes; errors are about its members, or about a variable.
fn describe(id: &str, tree: &Value) -> Result<Manifest> {
    if !tree.is_object() {
        return Err(Error::invalid("", "it is no mapping of members"));
    }
    let version = &tree["driver"];
    if !version.is_null() && version.as_u64() != Some(VERSION) {
        let message = format!(
            "this program reads manifests of version {VERSION}: `driver: {VERSION}`; a newer one needs a \
             newer va-driver"
        );
        return Err(Error::invalid("/driver", message));
    }
    let file: ManifestFile = decode(tree, "")?;
    debug_assert_eq!(file.driver, VERSION, "another one is refused above");
    if file.name.trim().is_empty() || file.name.contains(char::is_control) {
        return Err(Error::invalid("/name", "name is empty, or not one line"));
    }
    let form = steps::steps(&file.steps)?;
    let server = fields::server(&file.server, &form.steps)?;
    for (index, action) in file.actions.iter().enumerate() {
        if !ACTIONS.contains(action) {
            let known = ACTIONS.map(Action::as_str).join(", ");
            let message = format!("salt-cloud has no {}; there are: {known}", action.as_str());
            return Err(Error::invalid(format!("/actions/{index}"), message));
        }
    }
    let manifest = Manifest {
        id: id.to_owned(),
        name: file.name,
        salt_driver: file.needs.salt_driver,
        steps: form.steps,
        sources: form.sources,
        server,
        provider: file.provider,
        profile: file.profile,
        actions: file.actions,
    };
    manifest.check_trees()?;
    Ok(manifest)
}

impl Manifest {
    /// The fields of all steps that take a value.
    fn fields(&self) -> impl Iterator<Item = &Field> {
        let all = self.steps.iter().flat_map(|step| &step.fields);
        all.filter(|field| field.field_type != crate::driver::FieldType::Description)
    }
}
