/** Schemas of what examples use of other specifications, as far as it can be checked without false alarms. */
const bodies: Readonly<Record<string, string>> = {
  'http://jabber.org/protocol/disco#info': `
    <xs:element name='query'>
      <xs:complexType>
        <xs:choice minOccurs='0' maxOccurs='unbounded'>
          <xs:element ref='identity'/>
          <xs:element ref='feature'/>
          <xs:any namespace='##other' processContents='lax'/>
        </xs:choice>
        <xs:attribute name='node' type='xs:string'/>
      </xs:complexType>
    </xs:element>
    <xs:element name='identity'>
      <xs:complexType>
        <xs:attribute name='category' type='word' use='required'/>
        <xs:attribute name='type' type='word' use='required'/>
        <xs:attribute name='name' type='xs:string'/>
        <xs:anyAttribute namespace='##other' processContents='lax'/>
      </xs:complexType>
    </xs:element>
    <xs:element name='feature'>
      <xs:complexType><xs:attribute name='var' type='word' use='required'/></xs:complexType>
    </xs:element>`,
  'http://jabber.org/protocol/disco#items': `
    <xs:element name='query'>
      <xs:complexType>
        <xs:choice minOccurs='0' maxOccurs='unbounded'>
          <xs:element name='item'>
            <xs:complexType>
              <xs:attribute name='jid' type='word' use='required'/>
              <xs:attribute name='name' type='xs:string'/>
              <xs:attribute name='node' type='xs:string'/>
              <xs:anyAttribute namespace='##other' processContents='lax'/>
            </xs:complexType>
          </xs:element>
          <xs:any namespace='##other' processContents='lax'/>
        </xs:choice>
        <xs:attribute name='node' type='xs:string'/>
      </xs:complexType>
    </xs:element>`,
  'urn:xmpp:delay': `
    <xs:element name='delay'>
      <xs:complexType>
        <xs:simpleContent>
          <xs:extension base='xs:string'>
            <xs:attribute name='from' type='xs:string'/>
            <xs:attribute name='stamp' type='xs:dateTime' use='required'/>
          </xs:extension>
        </xs:simpleContent>
      </xs:complexType>
    </xs:element>`,
  'urn:xmpp:sid:0': `
    <xs:element name='stanza-id'>
      <xs:complexType>
        <xs:attribute name='id' type='xs:string' use='required'/>
        <xs:attribute name='by' type='xs:string' use='required'/>
      </xs:complexType>
    </xs:element>
    <xs:element name='origin-id'>
      <xs:complexType><xs:attribute name='id' type='xs:string' use='required'/></xs:complexType>
    </xs:element>`,
  'urn:xmpp:hints': ['no-permanent-store', 'no-store', 'no-copy', 'store']
    .map((name) => `<xs:element name='${name}'><xs:complexType/></xs:element>`)
    .join(''),
  'urn:xmpp:receipts': `
    <xs:element name='request'><xs:complexType/></xs:element>
    <xs:element name='received'>
      <xs:complexType><xs:attribute name='id' type='xs:string'/></xs:complexType>
    </xs:element>`,
  'urn:xmpp:carbons:2': `
    <xs:element name='enable'><xs:complexType/></xs:element>
    <xs:element name='disable'><xs:complexType/></xs:element>
    <xs:element name='private'><xs:complexType/></xs:element>`,
  'http://jabber.org/protocol/chatstates': ['active', 'composing', 'gone', 'inactive', 'paused']
    .map((name) => `<xs:element name='${name}'><xs:complexType/></xs:element>`)
    .join(''),
  'urn:xmpp:sm:3': `
    <xs:element name='r'><xs:complexType/></xs:element>
    <xs:element name='a'>
      <xs:complexType><xs:attribute name='h' type='xs:unsignedInt' use='required'/></xs:complexType>
    </xs:element>
    <xs:element name='enable'>
      <xs:complexType>
        <xs:attribute name='max' type='xs:positiveInteger'/>
        <xs:attribute name='resume' type='xs:boolean'/>
      </xs:complexType>
    </xs:element>
    <xs:element name='resume'>
      <xs:complexType>
        <xs:attribute name='h' type='xs:unsignedInt' use='required'/>
        <xs:attribute name='previd' type='xs:string' use='required'/>
      </xs:complexType>
    </xs:element>`,
  'urn:xmpp:jingle-message:0': ['propose', 'ringing', 'proceed', 'accept', 'retract', 'reject', 'finish']
    .map(
      (name) => `
    <xs:element name='${name}'>
      <xs:complexType>
        <xs:sequence><xs:any namespace='##any' processContents='skip' minOccurs='0' maxOccurs='unbounded'/></xs:sequence>
        <xs:attribute name='id' type='word' use='required'/>
      </xs:complexType>
    </xs:element>`,
    )
    .join(''),
  'jabber:x:data': `
    <xs:element name='x'>
      <xs:complexType>
        <xs:choice minOccurs='0' maxOccurs='unbounded'>
          <xs:element name='title' type='xs:string'/>
          <xs:element name='instructions' type='xs:string'/>
          <xs:element name='field' type='field'/>
          <xs:element name='reported' type='fields'/>
          <xs:element name='item' type='fields'/>
        </xs:choice>
        <xs:attribute name='type' use='required'>
          <xs:simpleType>
            <xs:restriction base='xs:string'>
              <xs:enumeration value='cancel'/>
              <xs:enumeration value='form'/>
              <xs:enumeration value='result'/>
              <xs:enumeration value='submit'/>
            </xs:restriction>
          </xs:simpleType>
        </xs:attribute>
      </xs:complexType>
    </xs:element>
    <xs:complexType name='fields'>
      <xs:sequence><xs:element name='field' type='field' minOccurs='0' maxOccurs='unbounded'/></xs:sequence>
    </xs:complexType>
    <xs:complexType name='field'>
      <xs:choice minOccurs='0' maxOccurs='unbounded'>
        <xs:element name='desc' type='xs:string'/>
        <xs:element name='required'><xs:complexType/></xs:element>
        <xs:element name='value' type='xs:string'/>
        <xs:element name='option'>
          <xs:complexType>
            <xs:sequence><xs:element name='value' type='xs:string'/></xs:sequence>
            <xs:attribute name='label' type='xs:string'/>
          </xs:complexType>
        </xs:element>
      </xs:choice>
      <xs:attribute name='label' type='xs:string'/>
      <xs:attribute name='var' type='xs:string'/>
      <xs:attribute name='type'>
        <xs:simpleType>
          <xs:restriction base='xs:string'>
            ${[
              'boolean',
              'fixed',
              'hidden',
              'jid-multi',
              'jid-single',
              'list-multi',
              'list-single',
              'text-multi',
              'text-private',
              'text-single',
            ]
              .map((type) => `<xs:enumeration value='${type}'/>`)
              .join('')}
          </xs:restriction>
        </xs:simpleType>
      </xs:attribute>
    </xs:complexType>`,
};

/** By namespace. */
export const knownSchemas: ReadonlyMap<string, string> = new Map(
  Object.entries(bodies).map(([namespace, body]) => [namespace, schema(namespace, body)]),
);

function schema(namespace: string, body: string): string {
  return `<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='${namespace}' xmlns='${namespace}'
    elementFormDefault='qualified'>
    ${body}
    <xs:simpleType name='word'>
      <xs:restriction base='xs:string'><xs:minLength value='1'/></xs:restriction>
    </xs:simpleType>
  </xs:schema>`;
}
