//! Statistics of all domains in one call, which the crate `virt` hands out raw and does not free.

use std::collections::BTreeMap;
use std::ptr;

use virt::connect::Connect;
use virt::domain::Domain;
use virt::error::Error;
use virt_sys::{
    VIR_TYPED_PARAM_BOOLEAN, VIR_TYPED_PARAM_DOUBLE, VIR_TYPED_PARAM_INT, VIR_TYPED_PARAM_LLONG,
    VIR_TYPED_PARAM_STRING, VIR_TYPED_PARAM_UINT, VIR_TYPED_PARAM_ULLONG,
    virConnectGetAllDomainStats, virDomainGetName, virDomainGetUUIDString, virDomainListGetStats,
    virDomainPtr, virDomainStatsRecordListFree, virDomainStatsRecordPtr, virTypedParameter,
};

use super::leases::text;

/// One domain and what was asked about it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DomainStats {
    /// Its name.
    pub name: String,
    /// Its UUID with dashes.
    pub uuid: String,
    /// The values by libvirt's names, such as `state.state`, `balloon.current` (KiB) or
    /// `vcpu.current`: <https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectGetAllDomainStats>.
    pub values: BTreeMap<String, StatValue>,
}

/// A value of libvirt's "typed parameters".
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum StatValue {
    /// `int` and `long long`.
    Int(i64),
    /// `unsigned int` and `unsigned long long`.
    Uint(u64),
    /// `double`.
    Double(f64),
    /// `boolean`.
    Bool(bool),
    /// A string.
    Text(String),
}

impl StatValue {
    /// The value as a whole number that is not negative, if it is one.
    #[must_use]
    pub(crate) fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Int(value) => u64::try_from(*value).ok(),
            Self::Uint(value) => Some(*value),
            _ => None,
        }
    }
}

impl DomainStats {
    /// The value `name` as a whole number that is not negative, if there is one.
    #[must_use]
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.values.get(name)?.as_u64()
    }

    /// How many disks it tells of: at most as many as there are values, whatever it counts.
    #[must_use]
    pub(crate) fn disks(&self) -> u64 {
        let count = self.number("block.count").unwrap_or(0);
        count.min(self.values.len() as u64)
    }

    /// The value `name` as text, if it is one.
    #[must_use]
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.values.get(name)? {
            StatValue::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The statistics of all domains; `stats` is an or of `VIR_DOMAIN_STATS_…` (0 for all of them),
/// `flags` one of `VIR_CONNECT_GET_ALL_DOMAINS_STATS_…`. Of each domain's values, which may be hundreds, those
/// are copied whose names are `wanted`.
pub(crate) fn domain_stats(
    connection: &Connect,
    stats: u32,
    flags: u32,
    wanted: fn(&str) -> bool,
) -> Result<Vec<DomainStats>, Error> {
    let mut list: *mut virDomainStatsRecordPtr = ptr::null_mut();
    // SAFETY: the connection outlives the call; libvirt sets `list` to an array of as many records
    // as it returns, for the caller to free as a whole.
    let count =
        unsafe { virConnectGetAllDomainStats(connection.as_ptr(), stats, &raw mut list, flags) };
    take(list, count, wanted)
}

/// The same of `domains` only, for hosts with more of them than one answer carries.
pub(crate) fn domain_list_stats(
    domains: &[Domain],
    stats: u32,
    flags: u32,
    wanted: fn(&str) -> bool,
) -> Result<Vec<DomainStats>, Error> {
    let mut asked: Vec<virDomainPtr> = domains
        .iter()
        // SAFETY: the domain outlives the calls that its pointer is used in.
        .map(|domain| unsafe { domain.as_ptr() })
        .collect();
    asked.push(ptr::null_mut());
    let mut list: *mut virDomainStatsRecordPtr = ptr::null_mut();
    // SAFETY: `asked` ends with a null pointer; `list` is set as above.
    let count = unsafe { virDomainListGetStats(asked.as_mut_ptr(), stats, &raw mut list, flags) };
    take(list, count, wanted)
}

/// Copies the `count` records of `list` and frees it; a negative count is an error.
fn take(
    list: *mut virDomainStatsRecordPtr,
    count: i32,
    wanted: fn(&str) -> bool,
) -> Result<Vec<DomainStats>, Error> {
    let Ok(count) = usize::try_from(count) else {
        return Err(Error::last_error());
    };
    let records = (0..count)
        // SAFETY: within the array, and copied before it is freed.
        .map(|index| unsafe { record(*list.add(index), wanted) })
        .collect();
    // SAFETY: libvirt's own array with its own function; null is allowed.
    unsafe { virDomainStatsRecordListFree(list) };
    records
}

/// Copies a record.
///
/// # Safety
///
/// `record` points to one that libvirt has made and not freed yet.
unsafe fn record(
    record: virDomainStatsRecordPtr,
    wanted: fn(&str) -> bool,
) -> Result<DomainStats, Error> {
    // 36 characters and the zero behind them
    let mut uuid = [0; 37];
    // SAFETY: the record holds a domain and `nparams` parameters, and `uuid` has the room that
    // libvirt asks for (VIR_UUID_STRING_BUFLEN).
    unsafe {
        if virDomainGetUUIDString((*record).dom, uuid.as_mut_ptr()) < 0 {
            return Err(Error::last_error());
        }
        let parameters = usize::try_from((*record).nparams).unwrap_or_default();
        Ok(DomainStats {
            name: text(virDomainGetName((*record).dom)).ok_or_else(Error::last_error)?,
            uuid: text(uuid.as_ptr()).unwrap_or_default(),
            values: (0..parameters)
                .filter_map(|index| value(&*(*record).params.add(index), wanted))
                .collect(),
        })
    }
}

/// Copies a value with its name, if that is `wanted` and it is of a type that is known.
///
/// # Safety
///
/// `parameter` is one that libvirt has made.
unsafe fn value(
    parameter: &virTypedParameter,
    wanted: fn(&str) -> bool,
) -> Option<(String, StatValue)> {
    // SAFETY: the field's name ends with a zero; the type says which member of the union holds.
    unsafe {
        let name = text(parameter.field.as_ptr()).filter(|name| wanted(name))?;
        let value = match parameter.type_.cast_unsigned() {
            VIR_TYPED_PARAM_INT => StatValue::Int(parameter.value.i.into()),
            VIR_TYPED_PARAM_UINT => StatValue::Uint(parameter.value.ui.into()),
            VIR_TYPED_PARAM_LLONG => StatValue::Int(parameter.value.l),
            VIR_TYPED_PARAM_ULLONG => StatValue::Uint(parameter.value.ul),
            VIR_TYPED_PARAM_DOUBLE => StatValue::Double(parameter.value.d),
            VIR_TYPED_PARAM_BOOLEAN => StatValue::Bool(parameter.value.b != 0),
            VIR_TYPED_PARAM_STRING => StatValue::Text(text(parameter.value.s)?),
            _ => return None,
        };
        Some((name, value))
    }
}
