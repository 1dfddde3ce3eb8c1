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
        let secrets = Secrets::of(&params);
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
}

fn find(name: &str) -> Result<&'static Method> {
    METHODS
        .iter()
        .find(|method| method.name == name)
        .ok_or_else(|| {
            let shown: String = name.chars().take(64).collect();
            let mut message = format!("there is no method {shown:?}");
            let near = suggest::near(name, METHODS.iter().map(|method| method.name));
            if near.is_empty() {
                let all: Vec<_> = METHODS.iter().map(|method| method.name).collect();
                message.push_str("; there are: ");
                message.push_str(&all.join(", "));
            } else {
                message.push_str("; did you mean ");
                message.push_str(&near.join(" or "));
            }
            Error::new(Kind::UnknownMethod, message)
        })
}

#[cfg(test)]
mod tests;
