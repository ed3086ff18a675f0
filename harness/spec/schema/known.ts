/** Schemas of what examples use of other specifications, as far as it can be checked without false alarms. */
export const knownSchemas: Readonly<Record<string, string>> = {
  'http://jabber.org/protocol/disco#info': schema(
    'http://jabber.org/protocol/disco#info',
    `
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
  ),
  'http://jabber.org/protocol/disco#items': schema(
    'http://jabber.org/protocol/disco#items',
    `
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
  ),
  'urn:xmpp:delay': schema(
    'urn:xmpp:delay',
    `
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
  ),
  'urn:xmpp:sid:0': schema(
    'urn:xmpp:sid:0',
    `
    <xs:element name='stanza-id'>
      <xs:complexType>
        <xs:attribute name='id' type='xs:string' use='required'/>
        <xs:attribute name='by' type='xs:string' use='required'/>
      </xs:complexType>
    </xs:element>
    <xs:element name='origin-id'>
      <xs:complexType><xs:attribute name='id' type='xs:string' use='required'/></xs:complexType>
    </xs:element>`,
  ),
  'urn:xmpp:hints': schema(
    'urn:xmpp:hints',
    ['no-permanent-store', 'no-store', 'no-copy', 'store']
      .map((name) => `<xs:element name='${name}'><xs:complexType/></xs:element>`)
      .join(''),
  ),
};

function schema(namespace: string, body: string): string {
  return `<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='${namespace}' xmlns='${namespace}'
    elementFormDefault='qualified'>
    ${body}
    <xs:simpleType name='word'>
      <xs:restriction base='xs:string'><xs:minLength value='1'/></xs:restriction>
    </xs:simpleType>
  </xs:schema>`;
}
