//! A plan carried out, step by step; each step writes down what it is about to make.

use std::io::Cursor;
use std::sync::Arc;

use virt::sys;

use crate::driver::{CloneMode, Context, WaitFor};
use crate::drivers::creation::{Steps, name_taken};
use crate::drivers::libvirt::artifacts::Artifact;
use crate::drivers::libvirt::host::Host;
use crate::drivers::libvirt::plan::{Facts, Plan, PlannedVolume, Request};
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::storage::{stream, volume};
use crate::drivers::libvirt::xml::record::{NAMESPACE, Record};
use crate::drivers::libvirt::xml::{domain_view::DomainView, from_xml, to_xml, volume::NewVolume};
use crate::drivers::minion::{Keys, as_request_error};
use crate::{Kind, Result};

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
    /// Carries the plan out; the domain is started unless it is only to be defined. Answers warnings.
    pub(super) fn run(&self, steps: &mut Steps<'_, Artifact>) -> Result<Vec<String>> {
        let mut paths = vec![steps.beside_keys(|steps| self.root(steps))?];
        for disk in &self.plan.data {
            steps.next()?;
            paths.push(self.new_volume(steps, disk, &disk.xml)?);
        }
        steps.next()?;
        paths.push(self.seed(steps)?);
        steps.next()?;
        steps.accept()?;
        steps.next()?;
        let mut warnings = self.plan.warnings.clone();
        warnings.extend(self.domain(steps, &paths)?);
        steps.next()?;
        Ok(warnings)
    }

    fn root(&self, steps: &mut Steps<'_, Artifact>) -> Result<String> {
        let (plan, root) = (self.plan, &self.plan.root);
        self.cx.progress.report("clone", 0, 1);
        let path = match plan.clone {
            CloneMode::Linked => self.new_volume(steps, root, &root.xml)?,
            CloneMode::Full => {
                steps.record(volume_artifact(&root.pool, &root.name))?;
                volume::copy(
                    self.host,
                    &root.pool,
                    &root.xml,
                    (&self.settings.image_pool, &self.request.image),
                    (self.facts.image_allocation, root.capacity),
                )?
            }
        };
        self.cx.progress.report("clone", 1, 1);
        Ok(path)
    }

    fn new_volume(
        &self,
        steps: &mut Steps<'_, Artifact>,
        planned: &PlannedVolume,
        xml: &NewVolume,
    ) -> Result<String> {
        steps.record(volume_artifact(&planned.pool, &planned.name))?;
        volume::create(
            self.host,
            &planned.pool,
            xml,
            stream::limit(planned.capacity),
        )
    }

    /// Builds the seed and puts it on the host; it never touches this machine's disk.
    fn seed(&self, steps: &mut Steps<'_, Artifact>) -> Result<String> {
        let (pool, name) = (&self.plan.seed_pool, &self.plan.seed_name);
        let image = self
            .plan
            .seed(self.request, steps.keys())
            .image()
            .map_err(as_request_error)?;
        let size = image.len() as u64;
        // Just as large as the image: trailing bytes would be read as a part of it.
        let volume = NewVolume::new(name, "raw", size);
        steps.record(volume_artifact(pool, name))?;
        let path = volume::create(self.host, pool, &volume, self.settings.call_limit)?;
        if !self.facts.hypervisor.is_test() {
            let progress = (Arc::clone(&self.cx.progress), "seed");
            stream::upload(
                self.host,
                (pool, name),
                Cursor::new(image),
                size,
                &self.cx.cancel,
                progress,
            )?;
        }
        Ok(path)
    }

    fn domain(&self, steps: &mut Steps<'_, Artifact>, paths: &[String]) -> Result<Vec<String>> {
        let domain = Artifact::Domain {
            uuid: self.plan.uuid,
            server: self.plan.name.clone(),
        };
        steps.record(domain.clone())?;
        self.cx.progress.report("define", 0, 1);
        if let Err(error) = self.define(self.facts, steps.keys(), paths) {
            if error.kind() == Kind::AlreadyExists {
                steps.forget(&domain)?;
            }
            return Err(error);
        }
        self.cx.progress.report("define", 1, 1);
        if steps.options().wait == Some(WaitFor::Defined) {
            if self.facts.hypervisor.efi {
                self.record_nvram()?; // newer versions of libvirt know it before the start
            }
            return Ok(Vec::new());
        }
        steps.next()?;
        self.cx.progress.report("start", 0, 1);
        let warnings = match self.start() {
            Ok(()) => Vec::new(),
            Err(error) if self.facts.hypervisor.may_fall_back => {
                let hypervisor = self.facts.hypervisor.without_kvm(self.settings);
                let facts = Facts {
                    hypervisor,
                    ..self.facts.clone()
                };
                self.define(&facts, steps.keys(), paths)?;
                self.start()?;
                vec![format!(
                    "KVM did not start it, so it is emulated, which is slow ({error})"
                )]
            }
            Err(error) => return Err(error),
        };
        if self.facts.hypervisor.efi {
            self.record_nvram()?;
        }
        self.cx.progress.report("start", 1, 1);
        Ok(warnings)
    }

    fn define(&self, facts: &Facts, keys: Option<&Keys>, paths: &[String]) -> Result<()> {
        let domain = self
            .plan
            .domain(self.settings, self.request, facts, keys, paths);
        let xml = to_xml(&domain)?;
        let name = self.plan.name.clone();
        let uuid = self.plan.uuid;
        let doing = format!("define the domain {name}");
        let outcome = self
            .host
            .call(&doing, self.settings.call_limit, move |conn| {
                match conn.define_domain_xml_flags(&xml, sys::VIR_DOMAIN_DEFINE_VALIDATE) {
                    Ok(_) => Ok(true),
                    // Someone else was faster: libvirt says so in words only, so look who has the name.
                    Err(error) => match conn
                        .lookup_domain_by_name(&name)
                        .and_then(|other| other.uuid())
                    {
                        Ok(other) if other != uuid => Ok(false),
                        _ => Err(error),
                    },
                }
            })?;
        if outcome {
            return Ok(());
        }
        Err(name_taken(&self.plan.name, "made in the meantime"))
    }

    fn start(&self) -> Result<()> {
        let uuid = self.plan.uuid;
        let doing = format!("start the domain {}", self.plan.name);
        self.host
            .call(&doing, self.settings.call_limit, move |conn| {
                conn.lookup_domain_by_uuid(uuid)?.create()
            })
    }

    /// Adds to the record where libvirt put the UEFI variables, so that deletion knows them.
    fn record_nvram(&self) -> Result<()> {
        let (uuid, name) = (self.plan.uuid, self.plan.name.clone());
        let doing = format!("look at the domain {name}");
        let (text, record) = self
            .host
            .call(&doing, self.settings.call_limit, move |conn| {
                let domain = conn.lookup_domain_by_uuid(uuid)?;
                Ok((domain.xml_desc(0)?, Record::text_of(&domain)?))
            })?;
        let view: DomainView = from_xml(&name, &text)?;
        let path = view.os.and_then(|os| os.nvram).and_then(|nvram| nvram.path);
        let (Some(path), Some(record)) = (path, record) else {
            return Ok(());
        };
        let mut record = Record::read(&name, &record)?;
        record.nvram = Some(path);
        let xml = to_xml(&record)?;
        self.host.call(
            &format!("record the UEFI variables of {name}"),
            self.settings.call_limit,
            move |conn| {
                let domain = conn.lookup_domain_by_uuid(uuid)?;
                let kind = i32::try_from(sys::VIR_DOMAIN_METADATA_ELEMENT).unwrap_or(2);
                let flags = if domain.is_active()? {
                    sys::VIR_DOMAIN_AFFECT_LIVE | sys::VIR_DOMAIN_AFFECT_CONFIG
                } else {
                    sys::VIR_DOMAIN_AFFECT_CONFIG
                };
                // libvirt declares this prefix besides the text's own, and refuses one that it has.
                let prefix = Some("va-driver");
                domain.set_metadata(kind, Some(&xml), prefix, Some(NAMESPACE), flags)
            },
        )
    }
}

fn volume_artifact(pool: &str, volume: &str) -> Artifact {
    Artifact::Volume {
        pool: pool.to_owned(),
        volume: volume.to_owned(),
    }
}
