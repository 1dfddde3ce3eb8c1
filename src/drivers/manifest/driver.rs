//! A manifest as a driver: what it says, and for the rest the base.

use std::borrow::Cow;

use serde_json::Value;

use super::{Manifest, master, record};
use crate::Result;
use crate::driver::template_vars::{self, Vars, var_of};
use crate::driver::{
    Action, Context, Driver, Field, Offer, Offers, OptionChoices, Provider, Step, base,
};
use crate::template::to_yaml_block;

impl Manifest {
    /// The variables of the fields; with their types, null where there is none.
    fn field_vars(&self, provider: &Provider, secrets: bool) -> Vars {
        let record = serde_json::to_value(provider).unwrap_or_default();
        let fields = self.fields().filter(|field| secrets || !field.secret);
        let value = |field: &Field| field.value(record::value(&record, &field.id).as_deref());
        fields
            .map(|field| (var_of(&field.id), value(field).unwrap_or(Value::Null)))
            .collect()
    }

    /// The variables of the profile, where those of a `server` count.
    fn server_vars(
        &self,
        cx: &Context,
        provider: &Provider,
        profile_name: Option<&str>,
        server: &Vars,
    ) -> Result<Vars> {
        let mut vars = template_vars::no_server_vars();
        vars.extend(self.field_vars(provider, false));
        vars.extend(master::vars(cx, provider)?);
        vars.extend(template_vars::profile_vars(provider, profile_name));
        for id in record::DEFAULTS {
            if let Some(field) = self.fields().find(|field| field.id == id) {
                let name = var_of(id);
                let value = vars.get(&name).and_then(super::field_text::text_of);
                vars.insert(name, field.value(value.as_deref()).unwrap_or(Value::Null));
            }
        }
        vars.extend(server.clone());
        for field in &self.server {
            let name = var_of(&field.id);
            let entered = server.get(&name).and_then(super::field_text::text_of);
            // a stored profile is of no certain server, and says nothing of what is its own
            let value = if server.is_empty() {
                None
            } else {
                field.value(entered.as_deref())
            };
            vars.insert(name, value.unwrap_or(Value::Null));
        }
        Ok(vars)
    }
}

impl Driver for Manifest {
    fn driver_id(&self) -> &str {
        &self.id
    }

    fn friendly_name(&self) -> &str {
        &self.name
    }

    fn steps(&self) -> Vec<Step> {
        self.steps.clone()
    }

    fn check_provider(&self, provider: &Provider) -> Result<()> {
        self.check(provider)
    }

    fn start_choices(&self, cx: &Context) -> OptionChoices {
        let offers = self.asked_at_start(cx).into_iter();
        let choices = offers.filter_map(|(id, offer)| match offer {
            Offer::Choices(choices) => Some((id, choices)),
            Offer::Text(_) => None,
        });
        choices.collect()
    }

    fn offers(
        &self,
        cx: &Context,
        provider: &Provider,
        index: usize,
        step: &Step,
    ) -> Result<Offers> {
        let mut plain = step.clone();
        let is_plain = |field: &Field| {
            let listed = field.field_type == crate::driver::FieldType::Options
                && field.option_choices.is_empty();
            listed && !self.sources.contains_key(&field.id)
        };
        plain.fields.retain(is_plain);
        let mut offers = base::offers(self, cx, provider, index, &plain)?;
        offers.extend(self.asked(cx, provider, step));
        Ok(offers)
    }

    fn template(&self, name: &str) -> Option<Cow<'_, str>> {
        let tree = match name {
            "provider.conf" => self.marked(),
            "profile.conf" => Value::Object(self.profile.clone()),
            _ => return None,
        };
        to_yaml_block(&tree).ok().map(Cow::Owned)
    }

    fn provider_vars(&self, provider: &Provider) -> Result<Vars> {
        let provider = &self.entered(provider)?;
        let mut vars = template_vars::provider_vars(provider);
        vars.extend(self.field_vars(provider, true));
        vars.insert("VAR_DRIVER_NAME".to_owned(), Value::from(self.id.as_str()));
        Ok(vars)
    }

    fn render(
        &self,
        cx: &Context,
        provider: &Provider,
        profile_name: Option<&str>,
        server: &Vars,
    ) -> Result<(String, String)> {
        let entered = &self.entered(provider)?;
        let mut of_provider = self.provider_vars(entered)?;
        of_provider.extend(master::vars(cx, entered)?);
        let of_profile = self.server_vars(cx, entered, profile_name, server)?;
        let load = |name| cx.templates.load_or(&self.id, name, || self.template(name));
        Ok((
            cx.given
                .render_provider(of_provider, || load("provider.conf"))?,
            cx.given
                .render_profile(of_profile, || load("profile.conf"))?,
        ))
    }

    fn salt_driver(&self) -> Option<&str> {
        let own = self.provider.values().next();
        let named = own.and_then(|members| members["driver"].as_str());
        self.salt_driver.as_deref().or(named)
    }

    fn server_fields(&self) -> Vec<Field> {
        self.server.clone()
    }

    fn takes_action(&self, action: Action) -> bool {
        action == Action::Delete || self.actions.contains(&action)
    }
}
