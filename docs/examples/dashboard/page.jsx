// A dashboard for va-driver, to read rather than to keep: it remembers providers until the page is left. One that is to
// stay keeps the records that driver.validate answers, in a place as safe as the passwords in them.

import { useCallback, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Form } from './forms.jsx';
import { rpc } from './rpc.js';
import './style.css';

const ACTIONS = ['start', 'stop', 'reboot', 'suspend', 'resume', 'delete'];

function Page() {
  const [drivers, setDrivers] = useState([]);
  const [providers, setProviders] = useState([]);
  const [shown, setShown] = useState(null); // {driver} being filled in, or {provider}
  const [library, setLibrary] = useState('react-jsonschema-form');
  const [error, setError] = useState(null);
  useEffect(() => void rpc('driver.list').then((answer) => setDrivers(answer.drivers), setError), []);
  const added = (provider) => {
    setProviders((all) => [...all.filter((one) => one.provider_name !== provider.provider_name), provider]);
    setShown({ provider });
  };
  return (
    <>
      <nav>
        {providers.map((provider) => (
          <button key={provider.provider_name} onClick={() => setShown({ provider })}>{provider.provider_name}</button>
        ))}
        {drivers.map((driver) => (
          <button key={driver.id} onClick={() => setShown({ driver })}>Add {driver.friendly_name}</button>
        ))}
        <label>
          Forms by{' '}
          <select id="library" value={library} onChange={(event) => setLibrary(event.target.value)}>
            <option>react-jsonschema-form</option>
            <option>JSON Forms</option>
          </select>
        </label>
      </nav>
      <Problem error={error} />
      {shown?.driver && <AddProvider key={shown.driver.id + library} driver={shown.driver} library={library} onDone={added} />}
      {shown?.provider && <Provider key={shown.provider.provider_name} provider={shown.provider} library={library} />}
    </>
  );
}

/** A driver's steps, one form after the other; driver.validate judges each, and says which is next. */
function AddProvider({ driver, library, onDone }) {
  const [values, setValues] = useState({});
  const [step, setStep] = useState(null); // the last step result; its schemas are the form's
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const validate = useCallback(async (index, entered) => {
    setBusy(true);
    setError(null);
    try {
      const params = { driver_id: driver.id, step_index: index, field_values: entered };
      const result = await rpc('driver.validate', params);
      setValues(entered);
      if (result.provider) return onDone(result.provider);
      // a step that is refused may come without its form: it is the one that is shown
      setStep((before) => ({ schema: before?.schema, ui_schema: before?.ui_schema, ...result }));
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  }, [driver.id, onDone]);
  useEffect(() => void validate(-1, {}), [driver.id]);
  if (!step) return <Problem error={error} />;
  const index = step.new_step_index;
  const elsewhere = step.errors.filter((text) => !fieldsOf(step.schema).some((id) => step.field_errors[id] === text));
  return (
    <section>
      <h2>{driver.friendly_name}, step {index + 1} of {driver.steps.length}</h2>
      {step.warnings?.map((text) => <p key={text} className="warning">{text}</p>)}
      {elsewhere.map((text) => <p key={text} role="alert">{text}</p>)}
      <Problem error={error} />
      <Form
        key={index}
        library={library}
        schema={step.schema}
        uiSchema={step.ui_schema}
        values={only(values, fieldsOf(step.schema))}
        errors={step.field_errors}
        button="Next"
        busy={busy}
        // a field that was emptied may be missing from `entered`: what it held before must go, too
        onSubmit={(entered) => validate(index, { ...without(values, fieldsOf(step.schema)), ...entered })}
      />
    </section>
  );
}

/** What a provider has: what is used and free, its servers, and a form for another one. */
function Provider({ provider, library }) {
  const [data, setData] = useState(null);
  const [form, setForm] = useState(null);
  const [progress, setProgress] = useState(null);
  const [said, setSaid] = useState('');
  const [error, setError] = useState(null);
  const look = useCallback(() => rpc('provider.data', { provider }).then(setData, setError), [provider]);
  useEffect(() => {
    look();
    serverForm(provider).then(setForm, setError);
  }, [provider]);

  const run = async (method, params) => {
    setError(null);
    setSaid('');
    setProgress({ phase: method, done: 0, total: 0 });
    try {
      const result = await rpc(method, { provider, ...params }, setProgress);
      setSaid(result.message ?? `${result.server.name} is ${result.server.status}`);
    } catch (failure) {
      setError(failure);
    } finally {
      setProgress(null);
      await look();
    }
  };
  const create = (entered) => {
    const server = Object.fromEntries(Object.entries(entered).filter(([, value]) => value !== ''));
    const { wait, ...rest } = server;
    return run('server.create', { server: rest, wait });
  };
  const act = (name, action) => (action === 'delete'
    ? run('server.delete', { server_name: name })
    : run('server.action', { server_name: name, action }));

  const field = error?.data?.field?.match(/^\/server\/(\w+)/)?.[1];
  return (
    <section>
      <h2>{provider.provider_name}</h2>
      {data && (
        <div className="usage">
          <Usage name="CPUs" unit="" usage={data.cpus} />
          <Usage name="Memory" unit="MiB" usage={data.ram} />
          <Usage name="Disk" unit="GiB" usage={data.disk} />
        </div>
      )}
      <Progress progress={progress} />
      {said && <p role="status">{said}</p>}
      <Problem error={field ? null : error} />
      <table>
        <thead><tr><th>Server</th><th>Status</th><th>Address</th><th>Size</th><th>CPUs</th><th>MiB</th><th>GiB</th><th /></tr></thead>
        <tbody>
          {data?.servers.map((server) => (
            <tr key={server.id}>
              <td>{server.name}</td><td>{server.status}</td><td>{server.ip}</td><td>{server.size}</td>
              <td>{server.used_cpu}</td><td>{server.used_ram}</td><td>{server.used_disk}</td>
              <td>
                {ACTIONS.map((action) => (
                  <button key={action} disabled={!!progress} onClick={() => act(server.name, action)}>{action}</button>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>A new server</h3>
      {form && (
        <Form
          library={library}
          schema={form}
          uiSchema={undefined}
          values={{}}
          errors={field ? { [field]: error.message } : {}}
          button="Create"
          busy={!!progress}
          onSubmit={create}
        />
      )}
    </section>
  );
}

/** The form of a server: what the provider offers, its defaults where nothing is chosen. */
async function serverForm(provider) {
  const [images, sizes, networks] = await Promise.all(
    ['images', 'sizes', 'networks'].map((list) => rpc(`provider.${list}`, { provider })),
  );
  const choice = (title, list, usual) => ({
    type: 'string',
    title,
    default: '',
    oneOf: [
      { const: '', title: usual ? `${usual} (the provider’s)` : '' },
      ...list.option_choices.map((one) => (one.const ? one : { const: one, title: one })),
    ],
  });
  return {
    type: 'object',
    required: ['server_name'],
    properties: {
      server_name: { type: 'string', title: 'Name', minLength: 1 },
      image: choice('Image', images, provider.defaults?.image),
      size: choice('Size', sizes, provider.defaults?.size),
      network: choice('Network', networks, provider.defaults?.network),
      wait: { type: 'string', title: 'Wait until it is', enum: ['defined', 'running', 'address'], default: 'running' },
    },
  };
}

function Usage({ name, unit, usage }) {
  const rest = usage.unlimited ? `${unit} used, no limit` : `of ${usage.max} ${unit} used, ${usage.free} free`;
  return (
    <label>
      {name}: {usage.used} {rest}
      <meter value={usage.unlimited ? 0 : usage.used} max={usage.max || 1} high={usage.max * 0.9} />
    </label>
  );
}

function Progress({ progress }) {
  if (!progress) return null;
  const { phase, done, total } = progress;
  return <label>{phase} <progress {...(total ? { value: done, max: total } : {})} /></label>;
}

function Problem({ error }) {
  return error && <p role="alert">{error.message}</p>;
}

const fieldsOf = (schema) => Object.keys(schema?.properties ?? {});
const without = (values, ids) => Object.fromEntries(Object.entries(values).filter(([id]) => !ids.includes(id)));
const only = (values, ids) => Object.fromEntries(Object.entries(values).filter(([id]) => ids.includes(id)));

createRoot(document.getElementById('page')).render(<Page />);
