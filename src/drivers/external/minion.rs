//! Creation and deletion. The program makes and deletes the machine; the minion's key is made, accepted and
//! revoked here, on the master, as for every other driver.

use serde_json::{Value, json};

use super::{External, answers};
use crate::driver::{
    Context, CreateOptions, Created, DeleteOptions, Deleted, DryRun, PlanAnswer, Provider,
    RecoverOptions, Recovered, ServerSpec, WaitFor,
};
use crate::drivers::creation::delegated::{self, Delegate};
use crate::drivers::creation::{Wanted, check_server_name, plan_recovery, recover, without_keys};
use crate::drivers::minion;
use crate::transaction::Removal;
use crate::{Error, Kind, LeftBehind, Result};

/// The host behind a provider.
struct Host<'a> {
    driver: &'a External,
    cx: &'a Context,
    provider: &'a Provider,
}

impl Host<'_> {
    fn ask_to_delete(&self, name: &str, force: bool) -> Result<Deleted> {
        let mut params = json!({"provider": self.provider, "server_name": name, "progress": true});
        if force {
            params["force"] = json!(true);
        }
        let mut deleted: Deleted = self.driver.ask(self.cx, "server.delete", params)?;
        if deleted.message.is_empty() {
            let what = if deleted.deleted {
                "is deleted"
            } else {
                "was not there"
            };
            deleted.message = format!("{name} {what}");
        }
        Ok(deleted)
    }
}

impl Delegate for Host<'_> {
    fn cx(&self) -> &Context {
        self.cx
    }

    fn provider(&self) -> (&str, &str) {
        (&self.driver.id, &self.provider.provider_name)
    }

    fn has(&self, name: &str) -> Result<bool> {
        let found = self.driver.find(self.cx, self.provider, name)?;
        Ok(found.is_some())
    }

    fn remove(&self, name: &str, _ids: &[String]) -> Result<Removal> {
        let cx = &self.cx.undisturbed();
        let deleted = Host { cx, ..*self }.ask_to_delete(name, false)?;
        Ok(Removal::of(deleted.deleted))
    }

    fn delete(&self, name: &str) -> Result<Deleted> {
        let cx = &self.cx.undisturbed();
        let options = DeleteOptions::default();
        self.driver.delete(cx, self.provider, name, &options)
    }
}

impl External {
    fn host<'a>(&'a self, cx: &'a Context, provider: &'a Provider) -> Host<'a> {
        Host {
            driver: self,
            cx,
            provider,
        }
    }

    pub(super) fn plan_creation(
        &self,
        cx: &Context,
        provider: &Provider,
        spec: &ServerSpec,
    ) -> Result<PlanAnswer> {
        check_server_name(&spec.server_name)?;
        minion::minion_id(spec)?;
        let profile = &self.started(cx)?.profile;
        profile.server(spec)?;
        let plan = without_keys(spec);
        if profile.answers("server.plan") {
            return self.ask(
                cx,
                "server.plan",
                json!({"provider": provider, "server": plan}),
            );
        }
        let exists = self.find(cx, provider, &spec.server_name)?.is_some();
        let step = format!("{} makes {}", profile.name, spec.server_name);
        Ok(PlanAnswer::new(!exists, vec![step], plan))
    }

    pub(super) fn create(
        &self,
        cx: &Context,
        provider: &Provider,
        spec: &ServerSpec,
        options: CreateOptions,
    ) -> Result<Created> {
        check_server_name(&spec.server_name)?;
        let minion_id = minion::minion_id(spec)?;
        let wanted = Wanted::check(cx, spec, minion_id.as_ref(), options)?;
        if options.seal {
            let message = format!("the driver {} does not seal", self.id);
            return Err(Error::new(Kind::Unsupported, message).with_field("/seal"));
        }
        let profile = &self.started(cx)?.profile;
        let server = profile.server(spec)?;
        let host = self.host(cx, provider);
        let existing = || {
            let exists = self.exists(cx, provider, &spec.server_name)?;
            // whether it is the same, the program says; its minion has its key
            let answer = exists.then(|| self.ask_to_create(cx, provider, &server, options));
            answer.transpose()
        };
        delegated::create(&host, wanted, existing, |steps| {
            let mut server = server.clone();
            if let Some(keys) = steps.keys() {
                let private = keys.private.expose();
                server["minion"]["keys"] = json!({"public": keys.public, "private": private});
                server["minion"]["id"] = json!(minion_id.as_ref().map(ToString::to_string));
            }
            self.ask_to_create(cx, provider, &server, options)
        })
    }

    /// Whether there is a server `name`, as far as the program can tell.
    fn exists(&self, cx: &Context, provider: &Provider, name: &str) -> Result<bool> {
        match self.find(cx, provider, name) {
            Ok(found) => Ok(found.is_some()),
            Err(error) if error.kind() == Kind::Unsupported => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Has the program make `server`. Where it is not known what became of that, it is looked for.
    fn ask_to_create(
        &self,
        cx: &Context,
        provider: &Provider,
        server: &Value,
        options: CreateOptions,
    ) -> Result<Created> {
        let method = "server.create";
        // the minion is waited for here
        let wait = options.wait.map(|wait| wait.min(WaitFor::Address));
        let mut params = json!({"provider": provider, "server": server, "progress": true});
        for (member, value) in [("wait", json!(wait)), ("timeout", json!(options.timeout))] {
            if !value.is_null() {
                params[member] = value;
            }
        }
        let answer = self.started(cx)?.session.ask(cx, method, params);
        let read = answer.and_then(|said| {
            let said = said.map(|mut answer| {
                let server = answer["server"].take();
                answer["server"] = answers::server(&provider.provider_name, server);
                self.read(method, &answer)
            });
            // what is not as documented is as good as no answer
            said.map_or_else(|error| Ok(Err(error)), |read| read.map(Ok))
        });
        match read {
            Ok(said) => said,
            Err(lost) => {
                let name = server["server_name"].as_str().unwrap_or_default();
                let again = Self::new(&self.file, &self.id);
                let reason = match again.find(&cx.undisturbed(), provider, name) {
                    Ok(None) => return Err(lost),
                    Ok(Some(_)) => "its creation did not end well: delete it".to_owned(),
                    Err(error) => format!("it may exist, which could not be asked: {error}"),
                };
                let left = LeftBehind {
                    resource: "server".to_owned(),
                    name: name.to_owned(),
                    reason,
                };
                let error = lost.clone().with_kind(Kind::PartialFailure);
                Err(error
                    .with_source(format!("{}: {lost}", lost.kind()))
                    .with_left_behind(vec![left]))
            }
        }
    }

    pub(super) fn plan_delete(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<DryRun> {
        let host = self.host(cx, provider);
        delegated::plan_deletion(&host, name, host.has(name)?, options)
    }

    pub(super) fn delete(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<Deleted> {
        let host = self.host(cx, provider);
        // whose it is, the program knows
        let look = || Ok(Some(Vec::new()));
        let ask = |_: &_| host.ask_to_delete(name, options.force);
        delegated::delete(&host, name, options, look, ask)
    }

    pub(super) fn plan_recover(
        &self,
        cx: &Context,
        provider: &Provider,
        options: RecoverOptions,
    ) -> Result<DryRun> {
        let mut plan = plan_recovery(cx, &self.host(cx, provider), options)?;
        if self.answers(cx, "server.recover")? {
            let name = &self.started(cx)?.profile.name;
            let message = &plan.message;
            plan.message =
                format!("{message}; what {name} would remove, it does not say beforehand");
        }
        Ok(plan)
    }

    pub(super) fn recover_all(
        &self,
        cx: &Context,
        provider: &Provider,
        options: RecoverOptions,
    ) -> Result<Recovered> {
        let mut all = recover(cx, &self.host(cx, provider), options)?;
        if self.answers(cx, "server.recover")? {
            let params = json!({"provider": provider, "remove_orphans": options.remove_orphans, "progress": true});
            let said: Recovered = self.ask(cx, "server.recover", params)?;
            all.removed.extend(said.removed);
            all.left_behind.extend(said.left_behind);
            all.left.extend(said.left);
            all.orphans.extend(said.orphans);
        }
        Ok(all)
    }
}
