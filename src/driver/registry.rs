//! Finds a driver by its id: those of the program, and those that are described beside it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::Driver;
use crate::{Error, Kind, Result};

/// Drivers that are found anew at each request.
pub trait DriverSource: fmt::Debug + Send + Sync {
    /// The driver `id`, which costs the look at one file; `None` where there is none.
    fn find(&self, id: &str) -> std::result::Result<Option<Arc<dyn Driver>>, BrokenDriver>;

    /// The ids there are, broken ones among them, without a look at what they are.
    fn ids(&self) -> Vec<String>;

    /// Every driver, and every file that should be one and is none.
    fn list(&self) -> (Vec<Arc<dyn Driver>>, Vec<BrokenDriver>);
}

/// A file that should be a driver and is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BrokenDriver {
    /// The file, or the directory where no file of it counts.
    pub file: PathBuf,
    /// The line that is wrong, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What is wrong, and the way out.
    pub message: String,
    #[serde(skip)]
    kind: Kind,
}

impl BrokenDriver {
    /// `file` is no driver, because of `message`.
    pub fn new(file: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: None,
            message: message.into(),
            kind: Kind::InvalidField,
        }
    }

    /// The same, about `line`.
    #[must_use]
    pub fn at_line(self, line: Option<usize>) -> Self {
        Self { line, ..self }
    }

    /// The same, of another kind where it is asked for.
    #[must_use]
    pub fn with_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }
}

impl fmt::Display for BrokenDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl From<BrokenDriver> for Error {
    fn from(broken: BrokenDriver) -> Self {
        Self::new(broken.kind, broken.to_string())
    }
}

/// The drivers there are: the program's own, in their order, then those that its source finds.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    own: Vec<Arc<dyn Driver>>,
    source: Option<Arc<dyn DriverSource>>,
}

impl Registry {
    /// A registry of `drivers`.
    #[must_use]
    pub fn new(drivers: Vec<Arc<dyn Driver>>) -> Self {
        Self {
            own: drivers,
            source: None,
        }
    }

    /// The same, with the drivers that `source` finds.
    #[must_use]
    pub fn with_source(self, source: Arc<dyn DriverSource>) -> Self {
        Self {
            source: Some(source),
            ..self
        }
    }

    /// The program's own drivers.
    pub fn own(&self) -> impl Iterator<Item = &Arc<dyn Driver>> {
        self.own.iter()
    }

    /// All drivers that there are now, and what is broken.
    #[must_use]
    pub fn list(&self) -> (Vec<Arc<dyn Driver>>, Vec<BrokenDriver>) {
        let mut all = self.own.clone();
        let Some(source) = &self.source else {
            return (all, Vec::new());
        };
        let (found, broken) = source.list();
        all.extend(found);
        (all, broken)
    }

    /// The ids of all drivers that there are now.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        let own = self.own.iter().map(|driver| driver.driver_id().to_owned());
        let found = self.source.iter().flat_map(|source| source.ids());
        own.chain(found).collect()
    }

    /// The driver `id`; `field` is the member that named it.
    pub fn get(&self, id: &str, field: &str) -> Result<Arc<dyn Driver>> {
        if let Some(own) = self.own.iter().find(|driver| driver.driver_id() == id) {
            return Ok(Arc::clone(own));
        }
        let found = match &self.source {
            Some(source) => source
                .find(id)
                .map_err(|broken| Error::from(broken).with_field(field))?,
            None => None,
        };
        found.ok_or_else(|| {
            let known = self.ids().join(", ");
            let shown: String = id.chars().take(64).collect();
            Error::invalid(
                field,
                format!("there is no driver {shown:?}; there are: {known}"),
            )
            .with_kind(Kind::NotFound)
        })
    }
}
