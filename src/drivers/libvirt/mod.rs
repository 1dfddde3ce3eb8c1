//! The driver for libvirt hosts: QEMU and KVM by way of `libvirtd`.
//!
//! A creation passes through `settings`, `plan` and `create`, in this order. Each room uses only those
//! below it.
//!
//! | file | concern |
//! |---|---|
//! | `create` | a plan carried out as a transaction, then the guest waited for |
//! | `servers` | those there are: listed, shown, acted on, deleted, sealed; recovery |
//! | `plan` | what is asked for and what the host has, put together |
//! | `import` | an image brought to a pool |
//! | `inventory` | what the host offers: networks, images, sizes, usage |
//! | `artifacts` | what a creation makes |
//! | `remover` | how all of that is removed, proven to be ours when it goes |
//! | `ownership` | whose a domain is |
//! | `uses` | what a volume is needed by |
//! | `settings` | the provider as this driver understands it |
//! | `image_in_progress` | an image that is being imported, told from all else |
//! | `domains`, `networks`, `pools`, `volumes` | libvirt's objects: found and kept, asked, changed; plain data comes out |
//! | `reservations` | addresses that networks keep for servers |
//! | `storage` | volumes: names, data into them and out |
//! | `xml` | libvirt's XML, and in it the record of what was made for a server |
//! | `host_identity` | what a host is known by, however it is reached |
//! | `host` | the connection, calls in bounded time, what errors mean |
//! | `loader` | libvirt itself, opened when it is first needed |

mod artifacts;
mod create;
mod domains;
pub(crate) mod host;
mod host_identity;
mod image_in_progress;
mod import;
mod inventory;
pub(crate) mod loader;
mod networks;
mod ownership;
mod plan;
mod pools;
mod remover;
mod reservations;
mod servers;
mod settings;
mod storage;
mod uses;
mod volumes;
mod xml;

#[cfg(fuzzing)]
pub(crate) use servers::fuzzing;

use std::borrow::Cow;

use serde_json::json;

use crate::driver::members::{CheckedServer, ServerMembers};
use crate::driver::template_vars::{self, Vars};
use crate::driver::{
    Action, ActionDone, ActionOptions, Billing, Choice, Context, CreateOptions, Created,
    DeleteOptions, Deleted, Done, Driver, DryRun, FieldType, Image, ImageDelete, ImageImport,
    ImageImported, Network, Offer, Offers, PlanAnswer, Pool, PoolChange, Provider, ProviderData,
    ProviderMembers, ProviderStatus, RecoverOptions, Recovered, SecGroup, Server, Size, Step,
    Storage, base,
};
use crate::{Error, Result};
use host::{Host, HostUri};
use settings::Settings;

/// The protocols that the form offers.
const PROTOCOLS: &[&str] = &[
    "qemu",
    "qemu+tcp",
    "qemu+tls",
    "qemu+ssh",
    "qemu+unix",
    "test",
];

/// The driver for libvirt hosts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LibvirtDriver;

impl Driver for LibvirtDriver {
    fn driver_id(&self) -> &'static str {
        "libvirt"
    }

    fn friendly_name(&self) -> &'static str {
        "LibVirt"
    }

    /// The base steps with where the host is and the pool for servers' volumes, and without security
    /// groups, which libvirt does not have.
    fn steps(&self) -> Vec<Step> {
        let mut steps = base::steps().into_iter();
        let first = steps.next().map(|step| {
            step.allow_blank("username")
                .allow_blank("password")
                .allow_blank("location")
                .field("host_ip", "Host", FieldType::Str)
                .unless("host_ip", &[settings::URI])
                .field("host_protocol", "Protocol", FieldType::Options)
                .unless("host_protocol", &[settings::URI])
                .choices("host_protocol", PROTOCOLS)
                .blank_field("uri", "Connection URI", FieldType::Str)
                .blank_field("pkipath", "Certificates", FieldType::Str)
        });
        let second = steps.next().map(|step| {
            step.without("sec_group")
                .blank_field("pool", "Storage pool", FieldType::Options)
                .default("pool", settings::DEFAULT_POOL)
        });
        // a host that was just made has no image yet
        let others = steps.map(|step| step.allow_blank("image"));
        first.into_iter().chain(second).chain(others).collect()
    }

    fn provider_members(&self) -> &'static ProviderMembers {
        &settings::MEMBERS
    }

    fn offers(
        &self,
        cx: &Context,
        provider: &Provider,
        index: usize,
        step: &Step,
    ) -> Result<Offers> {
        let mut offers = base::offers(self, cx, provider, index, step)?;
        if step.fields.iter().any(|field| field.id == "pool") {
            let pools = pools::active(&Settings::read(provider)?.open()?)?;
            let pools = pools.into_iter().map(Choice::Text).collect();
            offers.insert("pool".to_owned(), Offer::Choices(pools));
        }
        Ok(offers)
    }

    fn warnings(&self, provider: &Provider) -> Vec<String> {
        match Settings::read(provider) {
            Ok(settings) if settings.uri.insecure() => vec![format!(
                "{} is used without checking who answers there (no_verify=1)",
                settings.uri
            )],
            _ => Vec::new(),
        }
    }

    fn provider_vars(&self, provider: &Provider) -> Result<Vars> {
        Settings::read(provider)?;
        let record = settings::record(provider)?;
        let provider = record.provider();
        let mut vars = template_vars::provider_vars(provider);
        template_vars::add_members(&mut vars, provider, &settings::MEMBERS);
        for (name, value) in [
            ("VAR_NETWORK", &provider.defaults.network),
            ("VAR_IMAGE", &provider.defaults.image),
            ("VAR_SIZE", &provider.defaults.size),
        ] {
            vars.insert(name.to_owned(), json!(value));
        }
        Ok(vars)
    }

    fn template(&self, name: &str) -> Option<Cow<'_, str>> {
        let text = match name {
            "provider.conf" => include_str!("../../../templates/libvirt/provider.conf"),
            "profile.conf" => include_str!("../../../templates/libvirt/profile.conf"),
            _ => return None,
        };
        Some(text.into())
    }

    fn networks(&self, _cx: &Context, provider: &Provider) -> Result<Vec<Network>> {
        let settings = Settings::read(provider)?;
        inventory::networks(&settings.open()?, &settings)
    }

    /// A libvirt host has none.
    fn sec_groups(&self, _cx: &Context, _provider: &Provider) -> Result<Vec<SecGroup>> {
        Ok(Vec::new())
    }

    fn images(&self, _cx: &Context, provider: &Provider) -> Result<Vec<Image>> {
        let settings = Settings::read(provider)?;
        inventory::images(&settings.open()?, &settings.image_pool)
    }

    fn sizes(&self, _cx: &Context, provider: &Provider) -> Result<Vec<Size>> {
        Ok(inventory::sizes(&Settings::read(provider)?))
    }

    fn provider_status(&self, _cx: &Context, provider: &Provider) -> Result<ProviderStatus> {
        let settings = Settings::read(provider)?;
        inventory::status(&settings.open()?, self.warnings(provider))
    }

    fn servers(&self, _cx: &Context, provider: &Provider, full: bool) -> Result<Vec<Server>> {
        let settings = Settings::read(provider)?;
        servers::list(&settings.open()?, &settings, full)
    }

    fn server(&self, _cx: &Context, provider: &Provider, name: &str) -> Result<Server> {
        let (settings, host, name) = server_of(provider, name)?;
        servers::show(&host, &settings, &name)
    }

    fn provider_data(&self, _cx: &Context, provider: &Provider) -> Result<ProviderData> {
        let settings = Settings::read(provider)?;
        let host = settings.open()?;
        let list = || servers::list(&host, &settings, false);
        inventory::data(&host, &settings, list)
    }

    fn provider_billing(&self, _cx: &Context, provider: &Provider) -> Result<Billing> {
        let settings = Settings::read(provider)?;
        let servers = servers::list(&settings.open()?, &settings, false)?;
        Ok(Billing::of(&servers, settings.currency.clone()))
    }

    fn server_members(&self) -> ServerMembers {
        plan::MEMBERS
    }

    fn plan_server(
        &self,
        cx: &Context,
        provider: &Provider,
        spec: CheckedServer<'_>,
    ) -> Result<PlanAnswer> {
        create::plan_only(cx, &Settings::read(provider)?, &spec)
    }

    fn create_server(
        &self,
        cx: &Context,
        provider: &Provider,
        spec: CheckedServer<'_>,
        options: CreateOptions,
    ) -> Result<Created> {
        create::create(cx, &Settings::read(provider)?, &spec, options)
    }

    fn takes_action(&self, action: Action) -> bool {
        !matches!(
            action,
            Action::Rescue
                | Action::Unrescue
                | Action::ConfirmResize
                | Action::RevertResize
                | Action::Shelve
                | Action::Unshelve
                | Action::Lock
                | Action::Unlock
        )
    }

    fn server_action(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        action: Action,
        options: ActionOptions,
    ) -> Result<ActionDone> {
        base::check_action(self, action)?;
        let (settings, host, name) = server_of(provider, name)?;
        servers::act(cx, &host, &settings, &name, action, &options)
    }

    fn delete_server(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<Deleted> {
        let (settings, host, name) = server_of(provider, name)?;
        servers::delete(cx, &host, (&settings.pool, &name), options)
    }

    fn plan_deletion(
        &self,
        cx: &Context,
        provider: &Provider,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<DryRun> {
        let (settings, host, name) = server_of(provider, name)?;
        servers::plan_deletion(cx, &host, (&settings.pool, &name), options)
    }

    fn plan_recovery(
        &self,
        cx: &Context,
        provider: &Provider,
        options: RecoverOptions,
    ) -> Result<DryRun> {
        let settings = Settings::read(provider)?;
        servers::plan_recovery(cx, &settings.open()?, options)
    }

    fn plan_import(
        &self,
        cx: &Context,
        provider: &Provider,
        image: &ImageImport,
    ) -> Result<DryRun> {
        import::plan(cx, &Settings::read(provider)?, image)
    }

    fn recover(
        &self,
        cx: &Context,
        provider: &Provider,
        options: RecoverOptions,
    ) -> Result<Recovered> {
        let settings = Settings::read(provider)?;
        servers::recover(cx, &settings.open()?, options)
    }

    fn import_image(
        &self,
        cx: &Context,
        provider: &Provider,
        image: &ImageImport,
    ) -> Result<ImageImported> {
        import::import(cx, &Settings::read(provider)?, image)
    }

    fn storage(&self) -> Option<&dyn Storage> {
        Some(self)
    }
}

impl Storage for LibvirtDriver {
    fn delete_image(
        &self,
        _cx: &Context,
        provider: &Provider,
        image: &ImageDelete,
        dry_run: bool,
    ) -> Result<Done> {
        let settings = Settings::read(provider)?;
        inventory::delete_image(&settings.open()?, &settings, image, dry_run)
    }

    fn pools(&self, _cx: &Context, provider: &Provider) -> Result<Vec<Pool>> {
        pools::list(&Settings::read(provider)?.open()?)
    }

    fn change_pool(
        &self,
        _cx: &Context,
        provider: &Provider,
        change: &PoolChange,
        dry_run: bool,
    ) -> Result<Done> {
        let host = Settings::read(provider)?.open()?;
        match change {
            PoolChange::Create(pool) => pools::create(&host, pool, dry_run),
            PoolChange::Start(name) => pools::start(&host, name, dry_run),
        }
    }
}

/// The URI by which libvirt's own programs reach the host of `provider`.
pub(crate) fn uri_of(provider: &Provider) -> Result<HostUri> {
    Ok(Settings::read(provider)?.uri)
}

/// The host of `provider`, and the name of the server there that `name` means, which may be any server's,
/// ours or not.
fn server_of<'a>(provider: &Provider, name: &'a str) -> Result<(Settings, Host, Cow<'a, str>)> {
    let settings = Settings::read(provider)?;
    if name.is_empty() || name.len() > 255 || !xml::is_xml_text(name) {
        return Err(Error::invalid(
            "/server_name",
            "this cannot be a server's name",
        ));
    }
    let host = settings.open()?;
    let name = domains::name_of(&host, name)?;
    Ok((settings, host, name))
}
