//! Creation and deletion. The program makes and deletes the machine; the minion's key is made, accepted and
//! revoked here, on the master, as for every other driver.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{External, answers};
use crate::driver::{
    Context, CreateOptions, Created, DeleteOptions, Deleted, DryRun, PlanAnswer, Provider,
    RecoverOptions, Recovered, ServerSpec, WaitFor,
};
use crate::drivers::creation::{
    Recovery, Removals, Steps, Wanted, check_server_name, clear_up, interrupted, plan_recovery,
    plan_revocation, readiness, recover, revoke, without_keys,
};
use crate::drivers::minion::{self, AcceptedKeys, MinionKey, ServerIdentity};
use crate::transaction::{HostId, Removal, Resource};
use crate::{Error, Kind, LeftBehind, Result};

impl Resource for MinionKey {
    fn kind(&self) -> &'static str {
        "minion_key"
    }

    fn name(&self) -> String {
        self.place()
    }
}

/// The host behind a provider, as far as it concerns the keys of its minions.
struct Host<'a> {
    driver: &'a External,
    cx: &'a Context,
    provider: &'a Provider,
}

impl Recovery for Host<'_> {
    type Artifact = MinionKey;

    fn host_id(&self) -> Result<HostId> {
        let (id, name) = (&self.driver.id, &self.provider.provider_name);
        Ok(HostId::new(format!("{id} {name}")))
    }

    fn remover<'a>(
        &'a self,
        _made: &[MinionKey],
        _hurry: bool,
    ) -> impl FnMut(&MinionKey) -> Result<Removal> + 'a {
        |key| revoke(&self.cx.state_dir, key)
    }

    fn has_server(&self, server: &ServerIdentity) -> Result<bool> {
        let found = self.driver.find(self.cx, self.provider, &server.name)?;
        Ok(found.is_some())
    }
}

impl Host<'_> {
    /// The keys that were accepted for the server `name`.
    fn keys_of(&self, name: &str, options: &DeleteOptions) -> Result<Vec<MinionKey>> {
        let notes = AcceptedKeys::open(&self.cx.state_dir)?;
        let keys = notes.on(&self.host_id()?)?.into_iter();
        let own = keys.filter(|key| {
            key.server
                .as_ref()
                .is_some_and(|server| server.name == name)
        });
        Ok(own
            .map(|key| MinionKey {
                pki_dir: options.pki_dir.clone().unwrap_or(key.pki_dir),
                ..key
            })
            .collect())
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
        let wanted = Wanted::check(spec, minion_id.as_ref(), options)?;
        if options.seal {
            let message = format!("the driver {} does not seal", self.id);
            return Err(Error::new(Kind::Unsupported, message).with_field("/seal"));
        }
        let profile = &self.started(cx)?.profile;
        let mut server = profile.server(spec)?;
        let host = self.host(cx, provider);
        clear_up(cx, &host, &spec.server_name)?;
        if self.exists(cx, provider, &spec.server_name)? {
            // whether it is the same, the program says; its minion has its key
            return self.ask_to_create(cx, provider, &server, options);
        }
        // before the guest starts, or it may be missed
        let mut started = minion::listener(cx, minion_id.as_ref(), options)?;
        let identity = ServerIdentity {
            name: spec.server_name.clone(),
            uuid: Uuid::new_v4(),
        };
        let mut steps = Steps::<MinionKey>::begin(cx, wanted, host.host_id()?, identity)?;
        let made = steps
            .beside_keys(|_| Ok(()))
            .and_then(|()| steps.accept())
            .and_then(|()| {
                if let Some(keys) = steps.keys() {
                    let private = keys.private.expose();
                    server["minion"]["keys"] = json!({"public": keys.public, "private": private});
                    server["minion"]["id"] = json!(minion_id.as_ref().map(ToString::to_string));
                }
                self.ask_to_create(cx, provider, &server, options)
            });
        let mut created = match made {
            Ok(created) if created.created => created,
            Ok(existing) => {
                // it has the key that it was made with, and not this one
                steps.into_transaction().unmake(host.remover(&[], false))?;
                return Ok(existing);
            }
            Err(cause) => {
                return Err(steps
                    .into_transaction()
                    .roll_back(cause, host.remover(&[], false)));
            }
        };
        created.minion = steps.commit().minion;
        if options.wait == Some(WaitFor::Minion) && created.ready {
            let name = &spec.server_name;
            let waited = minion::wait(cx, options, started.as_mut(), || Ok(true));
            let Ok(ready) = readiness(name, waited, options, &mut created.warnings) else {
                // the caller does not want it any more
                let cx = cx.undisturbed();
                let deleted = self.delete(&cx, provider, name, &DeleteOptions::default());
                return Err(interrupted(deleted, name));
            };
            created.ready = ready;
        }
        Ok(created)
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
        let exists = self.find(cx, provider, name)?.is_some();
        let mut plan = if exists {
            DryRun::new(format!("{name} would be deleted"), true)
        } else {
            DryRun::new(format!("there is no {name}"), false)
        };
        if exists {
            plan.remove("server", name);
        }
        for key in host.keys_of(name, options)? {
            plan_revocation::<MinionKey>(&mut plan, cx, key)?;
        }
        plan.would_change |= !plan.would_remove.is_empty();
        Ok(plan)
    }

    pub(super) fn delete(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<Deleted> {
        let host = self.host(cx, provider);
        let mut params = json!({"provider": provider, "server_name": name, "progress": true});
        if options.force {
            params["force"] = json!(true);
        }
        let mut deleted: Deleted = self.ask(cx, "server.delete", params)?;
        if deleted.message.is_empty() {
            let what = if deleted.deleted {
                "is deleted"
            } else {
                "was not there"
            };
            deleted.message = format!("{name} {what}");
        }
        let mut keys = Removals::default();
        for key in host.keys_of(name, options)? {
            deleted.minion_id = Some(key.id.clone());
            keys.take(&key, revoke(&cx.state_dir, &key));
        }
        if let Some(left) = keys.left_behind.first() {
            let message = format!(
                "{name} is deleted, its minion's key is not: {}",
                left.reason
            );
            return Err(
                Error::new(Kind::PartialFailure, message).with_left_behind(keys.left_behind)
            );
        }
        deleted.removed.extend(keys.removed);
        deleted.left.extend(keys.left);
        Ok(deleted)
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
