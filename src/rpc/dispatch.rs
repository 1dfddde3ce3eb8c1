//! Runs a method by its name.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::Service;
use super::methods::{METHODS, Method};
use crate::decode::suggest;
use crate::driver::{Context, Progress};
use crate::redact::Secrets;
use crate::{Error, Kind, Result};

impl Service {
    /// Runs `method` with `params`; `progress` is told how far it is. A method that panics fails
    /// with [`Kind::Internal`], and what it said goes to the log only.
    pub(crate) fn dispatch(
        &self,
        method: &str,
        params: Map<String, Value>,
        progress: Arc<dyn Progress>,
    ) -> Result<Value> {
        let method = find(method)?;
        self.context().cancel.check()?;
        let context = Context {
            progress,
            ..self.context().clone()
        };
        let span = tracing::debug_span!("call", method = method.name);
        let _entered = span.enter();
        let secrets = self.secrets(&params);
        let run = AssertUnwindSafe(|| (method.run)(self, &context, params));
        match catch_unwind(run) {
            Ok(result) => result.map_err(|error| secrets.redact(error)),
            // The hook of panics has logged what it said.
            Err(_) => Err(Error::new(
                Kind::Internal,
                format!(
                    "{} failed by a fault of this program; its log says more",
                    method.name
                ),
            )),
        }
    }

    /// The secrets in `params`: by their names, and by what the driver says of its fields where it is none of
    /// the program's own.
    fn secrets(&self, params: &Map<String, Value>) -> Secrets {
        let mut secrets = Secrets::of(params);
        let provider = params.get("provider");
        let mark = provider.and_then(|provider| provider["va_driver"]["driver_id"].as_str());
        let named = ["driver_name", "driver", "driver_id"];
        let mut named = named.iter().filter_map(|name| provider?[name].as_str());
        let id = mark.or_else(|| named.next());
        let id = id.or_else(|| params.get("driver_id")?.as_str());
        let is_own = |id: &&str| self.registry().own().any(|own| own.driver_id() == *id);
        let driver = id
            .filter(|id| !is_own(id))
            .and_then(|id| self.registry().get(id, "").ok());
        let Some(driver) = driver else {
            return secrets;
        };
        let steps = driver.steps();
        let fields = driver.server_fields();
        for field in steps.iter().flat_map(|step| &step.fields).chain(&fields) {
            for record in ["provider", "field_values", "server"] {
                let value = params
                    .get(record)
                    .and_then(|record| record[&field.id].as_str());
                if let Some(text) = value.filter(|_| field.secret) {
                    secrets.add(text);
                }
            }
        }
        secrets
    }
}

fn find(name: &str) -> Result<&'static Method> {
    METHODS
        .iter()
        .find(|method| method.name == name)
        .ok_or_else(|| {
            let shown: String = name.chars().take(64).collect();
            let known: Vec<_> = METHODS.iter().map(|method| method.name).collect();
            let way_out = suggest::way_out(name, &known);
            let message = format!("there is no method {shown:?}; {way_out}");
            Error::new(Kind::UnknownMethod, message)
        })
}

#[cfg(test)]
mod tests;
