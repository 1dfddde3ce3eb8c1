//! A provider as salt-cloud knows it, and what it answers.

use std::cell::{OnceCell, RefCell};
use std::fs::File;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::fault::fault;
use super::master::program;
use super::workspace::Workspace;
use crate::child::{Input, Limits, Program};
use crate::driver::template_vars::Vars;
use crate::driver::{Context, Driver, Provider};
use crate::error::io_error;
use crate::redact::Secrets;
use crate::template::parse_yaml;
use crate::transaction::Cancel;
use crate::{Error, Kind, Result};

/// How long a question may take.
pub(super) const QUESTION: Duration = Duration::from_secs(120);
/// How long salt-cloud has to end once it is asked to.
const GRACE: Duration = Duration::from_secs(10);

/// A provider as salt-cloud knows it.
#[derive(Debug, Clone)]
pub(super) struct Host<'a> {
    pub(super) cx: &'a Context,
    pub(super) provider: &'a Provider,
    pub(super) driver: &'a dyn Driver,
    /// The provider's name, as its configuration has it.
    pub(super) alias: String,
    /// The configuration that is below that name.
    pub(super) settings: Map<String, Value>,
    pub(super) secrets: Secrets,
    pub(super) conf: String,
    /// What is to stay locked as long as any process of salt-cloud's.
    lock: RefCell<Option<Rc<File>>>,
    /// The names of the servers, once they were asked for.
    pub(super) seen: OnceCell<Vec<String>>,
}

/// A run of salt-cloud.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) args: &'a [&'a str],
    pub(super) profile: Option<&'a str>,
    pub(super) time: Duration,
    pub(super) cancel: &'a Cancel,
}

/// What a run of salt-cloud that ended well came to.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) answer: Option<Value>,
    pub(super) stderr: String,
}

impl<'a> Host<'a> {
    /// The provider of `driver`, with the configuration that it renders.
    pub(super) fn of(
        driver: &'a dyn Driver,
        cx: &'a Context,
        provider: &'a Provider,
    ) -> Result<Self> {
        let (conf, _) = driver.render(cx, provider, None, &Vars::new())?;
        let (alias, settings) = only("provider", &conf)?;
        if alias.is_empty() || alias.starts_with('-') || !settings.contains_key("driver") {
            let message = format!(
                "the provider's configuration is not one of salt-cloud's: it has to be \
                 `NAME: {{driver: …}}`, and begins with {alias:?}"
            );
            return Err(Error::new(Kind::Conflict, message));
        }
        let mut secrets = Map::new();
        secrets.insert(
            "provider".to_owned(),
            serde_json::to_value(provider).unwrap_or_default(),
        );
        let mut secrets = Secrets::of(&secrets);
        for field in driver.steps().iter().flat_map(|step| &step.fields) {
            if field.secret
                && let Some(text) = provider.extra.get(&field.id).and_then(Value::as_str)
            {
                secrets.add(text);
            }
        }
        Ok(Self {
            cx,
            provider,
            driver,
            alias,
            settings,
            secrets,
            conf,
            lock: RefCell::default(),
            seen: OnceCell::new(),
        })
    }

    /// The same under another context.
    pub(super) fn with<'b>(&'b self, cx: &'b Context) -> Host<'b> {
        Host { cx, ..self.clone() }
    }

    /// What is run from now on, and all that it starts, holds `lock`.
    pub(super) fn hold(&self, lock: File) {
        self.lock.replace(Some(Rc::new(lock)));
    }

    /// Runs salt-cloud, which is `doing` something for people.
    pub(super) fn run(&self, doing: &str, call: Call<'_>) -> Result<Reply> {
        let config_dir = &self.cx.salt_config_dir;
        let workspace = Workspace::make(config_dir, &self.conf, call.profile)?;
        let program = salt_cloud(&workspace)?
            .args(["--out-file".as_ref(), workspace.out_file().as_os_str()])
            .args(["--assume-yes"])
            .args(call.args)
            .secrets(self.secrets.clone());
        let limits = Limits {
            grace: GRACE,
            // a bootstrap's ssh talks there; the answer has a file of its own
            ..Limits::new(call.time, 0)
        };
        let input = match self.lock.borrow().as_ref() {
            Some(lock) => {
                let lock = lock.try_clone();
                Input::File(lock.map_err(|error| io_error("pass on", Path::new("a lock"), &error))?)
            }
            None => Input::Bytes(b""),
        };
        let output = program.run(input, limits, call.cancel)?;
        if !output.status.success() {
            return Err(fault(doing, &output.stderr));
        }
        let answer = workspace.answer()?;
        Ok(Reply {
            answer,
            stderr: output.stderr,
        })
    }

    /// Asks salt-cloud; what it answers about this provider, if anything.
    pub(super) fn ask(&self, doing: &str, args: &[&str]) -> Result<Option<Value>> {
        let call = Call {
            args,
            profile: None,
            time: QUESTION,
            cancel: &self.cx.cancel,
        };
        let reply = self.run(doing, call)?;
        let about = reply.answer.and_then(|answer| self.about(answer));
        if about.is_none() && !reply.stderr.is_empty() {
            return Err(fault(doing, &reply.stderr));
        }
        Ok(about)
    }

    /// The part of an answer that is about this provider.
    pub(super) fn about(&self, mut answer: Value) -> Option<Value> {
        let mut drivers = match answer.get_mut(&self.alias)?.take() {
            Value::Object(drivers) => drivers.into_iter(),
            _ => return None,
        };
        drivers.next().map(|(_, said)| said)
    }
}

/// salt-cloud, with what every call of it has.
pub(super) fn salt_cloud(workspace: &Workspace) -> Result<Program> {
    Ok(Program::new(program()?)
        .args(["--config-dir".as_ref(), workspace.path().as_os_str()])
        .args(["--out", "json", "--no-color", "--log-level", "warning"]))
}

/// The name of the only mapping in the configuration `text` of a `what`, and what is below it.
pub(super) fn only(what: &str, text: &str) -> Result<(String, Map<String, Value>)> {
    let tree = parse_yaml(what, text)?;
    let one = match tree {
        Value::Object(all) if all.len() == 1 => all.into_iter().next(),
        _ => None,
    };
    if let Some((name, Value::Object(members))) = one {
        return Ok((name, members));
    }
    let message = format!("the {what}'s configuration has to be one mapping with one name");
    Err(Error::new(Kind::Conflict, message))
}
