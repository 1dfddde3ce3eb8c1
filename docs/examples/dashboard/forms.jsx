// One form, by either library: a JSON Schema, its UI schema, what was entered, and what is wrong, by field.

import { useEffect, useRef, useState } from 'react';
import Rjsf from '@rjsf/core';
import validator from '@rjsf/validator-ajv8';
import { JsonForms } from '@jsonforms/react';
import { vanillaCells, vanillaRenderers } from '@jsonforms/vanilla-renderers';

export function Form({ library, ...rest }) {
  return library === 'JSON Forms' ? <ByJsonForms {...rest} /> : <ByRjsf {...rest} />;
}

function ByRjsf({ schema, uiSchema, values, errors, button, busy, onSubmit }) {
  const [data, setData] = useState(values);
  const extraErrors = Object.fromEntries(Object.entries(errors).map(([id, text]) => [id, { __errors: [text] }]));
  return (
    <Rjsf
      schema={schema}
      uiSchema={{ ...uiSchema, 'ui:submitButtonOptions': { submitText: button, props: { disabled: busy } } }}
      formData={data}
      extraErrors={extraErrors}
      validator={validator}
      // the rule behind `required` is no sentence for people; the field's own error stands beside it
      transformErrors={(found) => found.filter((error) => error.name !== 'if')}
      showErrorList={false}
      noHtml5Validate
      onChange={(event) => setData(event.formData)}
      onError={() => {}}
      onSubmit={(event) => onSubmit(event.formData)}
    />
  );
}

// JSON Forms has an empty choice of its own, beside the schema's that says what counts then
const translate = (id, text) => (id.endsWith('enum.none') ? '' : text);

function ByJsonForms({ schema, uiSchema, values, errors, button, busy, onSubmit }) {
  const [data, setData] = useState(values);
  const [tried, setTried] = useState(false);
  const invalid = useRef([]);
  useEffect(() => setTried(Object.keys(errors).length > 0), [errors]);
  const additionalErrors = Object.entries(errors).map(([id, message]) => ({
    instancePath: `/${id}`, message, schemaPath: '', keyword: '', params: {},
  }));
  const submit = (event) => {
    event.preventDefault();
    setTried(true);
    if (invalid.current.length === 0) onSubmit(data);
  };
  return (
    <form onSubmit={submit} noValidate>
      <JsonForms
        schema={schema}
        uischema={uiSchema}
        data={data}
        renderers={vanillaRenderers}
        cells={vanillaCells}
        config={{ showUnfocusedDescription: true }}
        i18n={{ locale: 'en', translate }}
        validationMode={tried ? 'ValidateAndShow' : 'ValidateAndHide'}
        additionalErrors={additionalErrors}
        onChange={(event) => {
          setData(event.data);
          invalid.current = event.errors.filter((error) => error.keyword !== '');
        }}
      />
      <button type="submit" disabled={busy}>{button}</button>
    </form>
  );
}
