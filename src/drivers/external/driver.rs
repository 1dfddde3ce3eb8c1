//! The program as a driver: what it answers is asked of it, the rest the base does.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::session::fault;
use super::{External, answers, salt_config};
use crate::driver::BaseHost;
use crate::driver::members::{CheckedServer, ServerMembers, server_members};
use crate::driver::template_vars::{Vars, with_defaults};
use crate::driver::{
    Action, ActionDone, ActionOptions, Billing, BrokenDriver, Context, CreateOptions, Created,
    DeleteOptions, Deleted, Driver, DryRun, Field, FieldValues, Image, ImageImport, ImageImported,
    Network, PlanAnswer, Provider, ProviderData, ProviderStatus, RecoverOptions, Recovered,
    SecGroup, Server, Size, Step, StepResult, base, defaults,
};
use crate::template::Template;
use crate::{Error, Kind, Result};

/// What `provider.render` answers.
#[derive(Deserialize)]
struct Rendered {
    provider_conf: String,
    profile_conf: String,
}

/// Everything that a server may have: which of it the program takes, it says when it is started.
static ALL_MEMBERS: LazyLock<ServerMembers> = LazyLock::new(|| {
    let paths = server_members().iter().map(|member| member.path.as_str());
    let paths: &'static [&str] = paths.collect::<Vec<_>>().leak();
    ServerMembers {
        takes: vec![paths].leak(),
        ..ServerMembers::default()
    }
});

impl External {
    /// What the program answers to `method`, where it does; else what the base has, if anything.
    fn ask_or<T: DeserializeOwned>(
        &self,
        cx: &Context,
        provider: &Provider,
        method: &str,
        base: impl FnOnce(&dyn BaseHost) -> Result<T>,
    ) -> Result<T> {
        if self.answers(cx, method)? {
            return self.ask(cx, method, json!({"provider": provider}));
        }
        base(&*self.base(cx, provider, method)?)
    }

    /// The list `name` of the provider's; where the program does not answer it, what the `base` lists.
    fn list<T: DeserializeOwned>(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        base: impl FnOnce(&dyn BaseHost) -> Result<Vec<T>>,
    ) -> Result<Vec<T>> {
        let method = format!("provider.{name}");
        if !self.answers(cx, &method)? {
            return base(&*self.base(cx, provider, &method)?);
        }
        let mut answer: Value = self.ask(cx, &method, json!({"provider": provider}))?;
        answers::each(&mut answer, name, answers::named);
        self.member(&method, answer, name)
    }

    /// What the base does not do either.
    fn unsupported<T>(&self, what: &str) -> Result<T> {
        Err(base::unsupported(&self.id, what))
    }

    /// The member `name` of what `method` answers.
    fn member<T: DeserializeOwned>(&self, method: &str, answer: Value, name: &str) -> Result<T> {
        let mut members: BTreeMap<String, T> = self.read(method, &only(answer, name))?;
        members.remove(name).ok_or_else(|| {
            let what = format!("does not answer {method} as is documented: there is no {name}");
            fault(&self.id, &self.file, &what)
        })
    }

    /// The server `name`, or `None` where there is none.
    pub(super) fn find(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
    ) -> Result<Option<Server>> {
        match self.server(cx, provider, name) {
            Ok(server) => Ok(Some(server)),
            Err(error) if error.kind() == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// `answer` with no other member than `name`.
fn only(mut answer: Value, name: &str) -> Value {
    if let Some(members) = answer.as_object_mut() {
        members.retain(|member, _| member == name);
    }
    answer
}

impl Driver for External {
    fn ready(&self, cx: &Context) -> std::result::Result<(), BrokenDriver> {
        self.started(cx).map(|_| ()).map_err(|error| {
            // its file stands there by itself
            let file = format!(" ({})", self.file.display());
            let message = error.message().replacen(&file, "", 1);
            BrokenDriver::new(&self.file, message).with_kind(error.kind())
        })
    }

    fn driver_id(&self) -> &str {
        &self.id
    }

    fn friendly_name(&self) -> &str {
        let started = self.started.get();
        started.map_or(&self.id, |started| &started.profile.name)
    }

    fn steps(&self) -> Vec<Step> {
        let steps = self.started.get().and_then(|one| one.profile.steps.clone());
        steps.unwrap_or_else(base::steps)
    }

    /// What a provider may hold is the program's business.
    fn check_provider(&self, _provider: &Provider) -> Result<()> {
        Ok(())
    }

    fn validate_field_values(
        &self,
        cx: &Context,
        step_index: i64,
        values: &FieldValues,
    ) -> Result<StepResult> {
        let method = "driver.validate";
        if !self.answers(cx, method)? {
            return defaults::validate(self, cx, step_index, values);
        }
        let params =
            json!({"driver_id": self.id, "step_index": step_index, "field_values": values});
        let result: StepResult = self.ask(cx, method, params)?;
        let choices = result.option_choices.clone();
        Ok(result.offering(&self.form(), choices))
    }

    /// The profile that the program answers is a template: what is asked of a server is filled in here.
    fn render(
        &self,
        cx: &Context,
        provider: &Provider,
        profile_name: Option<&str>,
        server: &Vars,
    ) -> Result<(String, String)> {
        if self.has_template(cx) {
            return defaults::render(self, cx, provider, profile_name, server);
        }
        if !self.answers(cx, "provider.render")? {
            return salt_config::of(&self.id, provider, profile_name);
        }
        // the profile's values are the provider's defaults to a program
        let provider = with_defaults(provider, server);
        let params = json!({"provider": provider, "profile_name": profile_name});
        let rendered: Rendered = self.ask(cx, "provider.render", params)?;
        let vars = defaults::profile_vars(self, &provider, profile_name, server)?;
        let profile = Template::new(format!("{}/profile.conf", self.id), rendered.profile_conf);
        Ok((
            rendered.provider_conf,
            cx.given.render_profile(vars, || Ok(profile))?,
        ))
    }

    fn networks(&self, cx: &Context, provider: &Provider) -> Result<Vec<Network>> {
        let none = |_: &dyn BaseHost| self.unsupported("list networks");
        self.list(cx, provider, "networks", none)
    }

    fn sec_groups(&self, cx: &Context, provider: &Provider) -> Result<Vec<SecGroup>> {
        let none = |_: &dyn BaseHost| self.unsupported("list security groups");
        self.list(cx, provider, "sec_groups", none)
    }

    fn images(&self, cx: &Context, provider: &Provider) -> Result<Vec<Image>> {
        self.list(cx, provider, "images", |base| base.images())
    }

    fn sizes(&self, cx: &Context, provider: &Provider) -> Result<Vec<Size>> {
        self.list(cx, provider, "sizes", |base| base.sizes())
    }

    fn provider_status(&self, cx: &Context, provider: &Provider) -> Result<ProviderStatus> {
        self.ask_or(cx, provider, "provider.status", |base| base.status())
    }

    fn servers(&self, cx: &Context, provider: &Provider, full: bool) -> Result<Vec<Server>> {
        let method = "server.list";
        if !self.answers(cx, method)? {
            return self.base(cx, provider, method)?.servers();
        }
        let params = json!({"provider": provider, "full": full});
        let mut answer: Value = self.ask(cx, method, params)?;
        let name = &provider.provider_name;
        answers::each(&mut answer, "servers", |said| answers::server(name, said));
        self.member(method, answer, "servers")
    }

    fn server(&self, cx: &Context, provider: &Provider, name: &str) -> Result<Server> {
        let method = "server.show";
        if self.answers(cx, method)? {
            let params = json!({"provider": provider, "server_name": name});
            let mut answer: Value = self.ask(cx, method, params)?;
            let said = answer["server"].take();
            answer["server"] = answers::server(&provider.provider_name, said);
            return self.member(method, answer, "server");
        }
        if self.answers(cx, "server.list")? {
            let servers = self.servers(cx, provider, true)?;
            let mut servers = servers.into_iter();
            return servers.find(|server| server.name == name).ok_or_else(|| {
                let message = format!("there is no server {name}");
                Error::new(Kind::NotFound, message).with_field("/server_name")
            });
        }
        self.base(cx, provider, method)?.server(name)
    }

    fn provider_data(&self, cx: &Context, provider: &Provider) -> Result<ProviderData> {
        let method = "provider.data";
        if !self.answers(cx, method)? {
            return self.base(cx, provider, method)?.data();
        }
        let mut answer: Value = self.ask(cx, method, json!({"provider": provider}))?;
        let name = &provider.provider_name;
        answers::each(&mut answer, "servers", |said| answers::server(name, said));
        self.read(method, &answer)
    }

    fn provider_billing(&self, cx: &Context, provider: &Provider) -> Result<Billing> {
        let none = |_: &dyn BaseHost| self.unsupported("tell costs");
        self.ask_or(cx, provider, "provider.billing", none)
    }

    fn server_fields(&self) -> Vec<Field> {
        let started = self.started.get();
        started.map_or_else(Vec::new, |started| started.profile.server_fields.clone())
    }

    fn server_members(&self) -> ServerMembers {
        *ALL_MEMBERS
    }

    fn plan_server(
        &self,
        cx: &Context,
        provider: &Provider,
        spec: CheckedServer<'_>,
    ) -> Result<PlanAnswer> {
        if self.answers(cx, "server.create")? {
            return self.plan_creation(cx, provider, &spec);
        }
        let base = self.base(cx, provider, "server.create")?;
        let spec = base::SERVER_MEMBERS.check(&spec, &self.server_fields())?;
        base.plan(&spec)
    }

    fn create_server(
        &self,
        cx: &Context,
        provider: &Provider,
        spec: CheckedServer<'_>,
        options: CreateOptions,
    ) -> Result<Created> {
        if self.answers(cx, "server.create")? {
            return self.create(cx, provider, &spec, options);
        }
        let base = self.base(cx, provider, "server.create")?;
        let spec = base::SERVER_MEMBERS.check(&spec, &self.server_fields())?;
        base.create(&spec, options)
    }

    fn server_action(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        action: Action,
        options: ActionOptions,
    ) -> Result<ActionDone> {
        let method = "server.action";
        if !self.answers(cx, method)? {
            let base = self.base(cx, provider, method)?;
            return base.act(name, action, &options);
        }
        let mut params =
            json!({"provider": provider, "server_name": name, "action": action, "progress": true});
        for (member, value) in options.given() {
            params[member] = value;
        }
        let mut answer: Value = self.ask(cx, method, params)?;
        if answer["server"].is_object() {
            let said = answer["server"].take();
            answer["server"] = answers::server(&provider.provider_name, said);
        }
        self.read(method, &answer)
    }

    /// Which of them a program can do, it says when it is asked to.
    fn takes_action(&self, action: Action) -> bool {
        let started = self.started.get();
        let answers = started.is_some_and(|started| started.profile.answers("server.action"));
        answers || base::takes_action(action)
    }

    fn plan_deletion(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<DryRun> {
        if self.answers(cx, "server.delete")? {
            return self.plan_delete(cx, provider, name, options);
        }
        self.base(cx, provider, "server.delete")?
            .plan_deletion(name, options)
    }

    fn delete_server(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<Deleted> {
        if self.answers(cx, "server.delete")? {
            return self.delete(cx, provider, name, options);
        }
        self.base(cx, provider, "server.delete")?
            .delete(name, options)
    }

    fn plan_recovery(
        &self,
        cx: &Context,
        provider: &Provider,
        options: RecoverOptions,
    ) -> Result<DryRun> {
        if self.answers(cx, "server.create")? {
            return self.plan_recover(cx, provider, options);
        }
        self.base(cx, provider, "server.recover")?
            .plan_recovery(options)
    }

    fn recover(
        &self,
        cx: &Context,
        provider: &Provider,
        options: RecoverOptions,
    ) -> Result<Recovered> {
        if self.answers(cx, "server.create")? {
            return self.recover_all(cx, provider, options);
        }
        self.base(cx, provider, "server.recover")?.recover(options)
    }

    fn import_image(
        &self,
        cx: &Context,
        provider: &Provider,
        image: &ImageImport,
    ) -> Result<ImageImported> {
        if self.answers(cx, "image.import")? {
            let params = json!({"provider": provider, "image": image, "progress": true});
            return self.ask(cx, "image.import", params);
        }
        self.unsupported("import an image")
    }
}
