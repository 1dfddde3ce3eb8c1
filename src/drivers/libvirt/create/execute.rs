//! A plan carried out, step by step; each step writes down what it is about to make.

use std::io::Cursor;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::concurrent::{both, each};
use crate::driver::{CloneMode, Context, WaitFor};
use crate::drivers::creation::{Steps, name_taken};
use crate::drivers::libvirt::artifacts::Artifact;
use crate::drivers::libvirt::domains::{self, Domain};
use crate::drivers::libvirt::host::{Host, at_once};
use crate::drivers::libvirt::inventory::no_such_image;
use crate::drivers::libvirt::plan::{Attachment, Facts, Made, Plan, PlannedVolume, Request};
use crate::drivers::libvirt::pools::{self, Pool};
use crate::drivers::libvirt::reservations::{self, Step};
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::storage::stream;
use crate::drivers::libvirt::volumes::{self, Volume};
use crate::drivers::libvirt::xml::record::{Record, Reservation};
use crate::drivers::libvirt::xml::{domain_view::DomainView, from_xml, to_xml, volume::NewVolume};
use crate::drivers::minion::as_request_error;
use crate::{Error, Kind, Result};

/// What a creation works with.
pub(super) struct Execution<'a> {
    pub(super) cx: &'a Context,
    pub(super) host: &'a Host,
    pub(super) settings: &'a Settings,
    pub(super) request: &'a Request,
    pub(super) facts: &'a Facts,
    pub(super) plan: &'a Plan,
}

impl Execution<'_> {
    /// Carries the plan out; the domain is started unless it is only to be defined. Answers it, and warnings.
    pub(super) fn run(&self, steps: &mut Steps<'_, Artifact>) -> Result<(Domain, Vec<String>)> {
        let mut volumes = vec![steps.beside_keys(|steps| self.root(steps))?];
        for disk in &self.plan.data {
            steps.next()?;
            volumes.push(self.new_volume(steps, disk, &disk.xml)?);
        }
        steps.next()?;
        let paths = self.seed(steps, volumes)?;
        steps.next()?;
        steps.accept()?;
        steps.next()?;
        let mut warnings = self.plan.warnings.clone();
        let reservations = self.reservations(steps)?;
        let (domain, more) = self.domain(steps, &paths, &reservations)?;
        warnings.extend(more);
        steps.next()?;
        Ok((domain, warnings))
    }

    fn root(&self, steps: &mut Steps<'_, Artifact>) -> Result<Volume> {
        let (plan, root) = (self.plan, &self.plan.root);
        self.cx.progress.report("clone", 0, 1);
        let volume = match plan.clone {
            CloneMode::Linked => self.new_volume(steps, root, &root.xml)?,
            CloneMode::Full => {
                steps.record(volume_artifact(&root.pool, &root.name))?;
                let sizes = (self.facts.image_allocation, root.capacity);
                volumes::copy(&self.pool(&root.pool)?, &root.xml, &self.image()?, sizes)?
            }
        };
        self.cx.progress.report("clone", 1, 1);
        Ok(volume)
    }

    fn new_volume(
        &self,
        steps: &mut Steps<'_, Artifact>,
        planned: &PlannedVolume,
        xml: &NewVolume,
    ) -> Result<Volume> {
        steps.record(volume_artifact(&planned.pool, &planned.name))?;
        let limit = volumes::limit(planned.capacity);
        volumes::create(&self.pool(&planned.pool)?, xml, limit)
    }

    fn pool(&self, name: &str) -> Result<Pool> {
        pools::named(self.host, name)
    }

    fn image(&self) -> Result<Volume> {
        let (pool, name) = (&self.settings.image_pool, &self.request.image);
        let found = volumes::find(&self.pool(pool)?, name)?;
        found.ok_or_else(|| no_such_image(pool, name))
    }

    /// Builds the seed and puts it on the host; it never touches this machine's disk. Answers where the host has
    /// it and the `volumes` before it.
    fn seed(
        &self,
        steps: &mut Steps<'_, Artifact>,
        mut volumes: Vec<Volume>,
    ) -> Result<Vec<String>> {
        let (pool, name) = (&self.plan.seed_pool, &self.plan.seed_name);
        let image = match self.request.ignition() {
            Some(config) => Zeroizing::new(config.as_bytes().to_vec()),
            None => self
                .plan
                .seed(self.request, steps.keys())
                .image()
                .map_err(as_request_error)?,
        };
        let size = image.len() as u64;
        // Just as large as the image: trailing bytes would be read as a part of it.
        let volume = NewVolume::new(name, "raw", size);
        steps.record(volume_artifact(pool, name))?;
        let seed = volumes::create(&self.pool(pool)?, &volume, self.host.call_limit())?;
        volumes.push(seed.clone());
        let (paths, filled) = both(
            || each(&volumes, at_once(), Volume::path),
            || {
                if self.facts.hypervisor.is_test() {
                    return Ok(());
                }
                let progress = (Arc::clone(&self.cx.progress), "seed");
                stream::upload(&seed, Cursor::new(image), size, &self.cx.cancel, progress)
            },
        );
        filled?;
        paths.into_iter().collect()
    }

    /// Has the networks keep the addresses that are asked for.
    fn reservations(&self, steps: &mut Steps<'_, Artifact>) -> Result<Vec<Reservation>> {
        let host_name = self.request.spec.server_name.replace('_', "-");
        let mut all = Vec::new();
        for card in self
            .plan
            .interfaces
            .iter()
            .filter(|card| card.wanted.reserve)
        {
            let Attachment::Network(network) = &card.wanted.attachment else {
                continue;
            };
            steps.next()?;
            let place = (network.as_str(), card.mac.as_str(), host_name.as_str());
            let made =
                reservations::reserve(self.host, place, card.wanted.reserved(), |step, kept| {
                    let artifact = Artifact::Reservation(kept.clone());
                    match step {
                        Step::Begun => steps.record(artifact),
                        Step::Refused => steps.forget(&artifact),
                    }
                });
            let at = |error: Error| error.with_field(format!("{}/reserve", card.wanted.field));
            all.push(made.map_err(at)?);
        }
        Ok(all)
    }

    fn domain(
        &self,
        steps: &mut Steps<'_, Artifact>,
        paths: &[String],
        reservations: &[Reservation],
    ) -> Result<(Domain, Vec<String>)> {
        let domain = Artifact::Domain {
            uuid: self.plan.uuid,
            server: self.plan.name.clone(),
        };
        steps.record(domain.clone())?;
        self.cx.progress.report("define", 0, 1);
        let define = |facts: &Facts, keys| {
            self.define(
                facts,
                &Made {
                    keys,
                    paths,
                    reservations,
                },
            )
        };
        let mut defined = match define(self.facts, steps.keys()) {
            Ok(defined) => defined,
            Err(error) => {
                if error.kind() == Kind::AlreadyExists {
                    steps.forget(&domain)?;
                }
                return Err(error);
            }
        };
        if self.request.spec.autostart {
            defined
                .start_with_host()
                .map_err(|error| gone(&defined, error))?;
        }
        self.cx.progress.report("define", 1, 1);
        if steps.options().wait == Some(WaitFor::Defined) {
            if self.facts.hypervisor.efi {
                record_nvram(&defined)?; // newer versions of libvirt know it before the start
            }
            return Ok((defined, Vec::new()));
        }
        steps.next()?;
        self.cx.progress.report("start", 0, 1);
        let warnings = match defined.start() {
            Ok(()) => Vec::new(),
            Err(error) if self.facts.hypervisor.may_fall_back => {
                let hypervisor = self.facts.hypervisor.without_kvm();
                let facts = Facts {
                    hypervisor,
                    ..self.facts.clone()
                };
                defined = define(&facts, steps.keys())?;
                defined.start().map_err(|error| gone(&defined, error))?;
                vec![format!(
                    "KVM did not start it, so it is emulated, which is slow ({error})"
                )]
            }
            Err(error) => return Err(gone(&defined, error)),
        };
        if self.facts.hypervisor.efi {
            record_nvram(&defined)?;
        }
        self.cx.progress.report("start", 1, 1);
        Ok((defined, warnings))
    }

    fn define(&self, facts: &Facts, made: &Made<'_>) -> Result<Domain> {
        let xml = self
            .plan
            .definition(self.settings, self.request, facts, made)?;
        let name = &self.plan.name;
        match domains::define(self.host, name, self.plan.uuid, xml) {
            Ok(Some(domain)) => Ok(domain),
            Ok(None) => Err(name_taken(name, "made in the meantime")),
            // our own definition libvirt takes
            Err(error)
                if self.request.spec.domain_xml.is_some()
                    && matches!(error.kind(), Kind::Internal | Kind::Unsupported) =>
            {
                Err(Error::invalid("/server/domain_xml", error.message()).with_source(error))
            }
            Err(error) => Err(error),
        }
    }
}

/// What went wrong with `domain`, which was just defined, and may be gone since.
fn gone(domain: &Domain, error: Error) -> Error {
    // what the host does not find may be a file of the domain's
    if error.kind() != Kind::NotFound || !matches!(domain.describe(), Ok(None)) {
        return error;
    }
    let message = format!("{} was deleted while it was made", domain.name);
    Error::new(Kind::Conflict, message).with_source(error)
}

/// Adds to the record of `domain` where libvirt put the UEFI variables, so that deletion knows them.
fn record_nvram(domain: &Domain) -> Result<()> {
    let Some(seen) = domain.describe()? else {
        return Ok(());
    };
    let view: DomainView = from_xml(&domain.name, &seen.xml)?;
    let path = view.os.and_then(|os| os.variables());
    let (Some(path), Some(record)) = (path, seen.record) else {
        return Ok(());
    };
    let mut record = Record::read(&domain.name, &record)?;
    record.nvram = Some(path);
    domain.set_record(to_xml(&record)?)
}

fn volume_artifact(pool: &str, volume: &str) -> Artifact {
    Artifact::Volume {
        pool: pool.to_owned(),
        volume: volume.to_owned(),
    }
}
