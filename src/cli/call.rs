//! What a subcommand asks for: a method with its parameters.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::options::ProviderArgs;
use super::select;
use super::settings::Settings;
use crate::Result;
use crate::driver::{DryRun, Silent};
use crate::rpc::{METHODS, Service};

/// What `method` answers to `params`, a JSON object, of which nobody hears how far it is.
pub(super) fn answer_to(service: &Service, method: &str, params: Value) -> Result<Value> {
    service.dispatch(method, object(params), Arc::new(Silent))
}

fn object(params: Value) -> Map<String, Value> {
    match params {
        Value::Object(params) => params,
        _ => Map::new(),
    }
}

/// What a subcommand asks for.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// The method.
    pub(super) method: &'static str,
    /// Its parameters.
    pub(super) params: Map<String, Value>,
    /// The parameters of the same for further servers, to be done side by side.
    pub(super) more: Vec<Map<String, Value>>,
    /// For `--dry-run`: what would be done. The method is not run.
    pub(super) would: Option<DryRun>,
}

impl Call {
    /// `method` with `params`, which is a JSON object.
    pub(super) fn new(method: &'static str, params: Value) -> Self {
        Self {
            method,
            params: object(params),
            more: Vec::new(),
            would: None,
        }
    }

    /// `method` about the provider that `args` name, with `params` beside it.
    pub(super) fn on(
        method: &'static str,
        args: &ProviderArgs,
        settings: &Settings,
        params: Value,
    ) -> Result<Self> {
        let mut call = Self::new(method, params);
        let provider = select::provider(args, settings, call.changes())?;
        call.params.insert("provider".to_owned(), provider);
        Ok(call)
    }

    /// The same for each of `values` as the parameter `member`.
    pub(super) fn for_each<V: Into<Value>>(mut self, member: &str, values: Vec<V>) -> Self {
        let with = |value: V| {
            let mut params = self.params.clone();
            params.insert(member.to_owned(), value.into());
            params
        };
        let mut all: Vec<_> = values.into_iter().map(with).collect();
        if !all.is_empty() {
            self.params = all.remove(0);
            self.more = all;
        }
        self
    }

    /// Whether the method changes anything anywhere; one that is not known might.
    pub(super) fn changes(&self) -> bool {
        METHODS
            .iter()
            .find(|method| method.name == self.method)
            .is_none_or(|method| method.changes)
    }

    /// The same, for the method to tell what it would do, if `dry_run`.
    pub(super) fn dry(mut self, dry_run: bool) -> Self {
        if dry_run {
            for params in std::iter::once(&mut self.params).chain(&mut self.more) {
                params.insert("dry_run".to_owned(), json!(true));
            }
        }
        self
    }

    /// The same, only told and not done, if `dry_run`.
    pub(super) fn unless(mut self, dry_run: bool, would: impl FnOnce() -> DryRun) -> Self {
        self.would = dry_run.then(would);
        self
    }
}
