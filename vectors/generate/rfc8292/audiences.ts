import type { AudienceExpected, AudienceInput } from '../../kinds.js';
import { type Draft, positive } from '../assemble.js';

const audience = (
  name: string,
  title: string,
  endpoint: string,
  aud: string,
): Draft<AudienceInput, AudienceExpected> =>
  positive(name, title, { endpoint }, { result: 'valid', aud }, { requirement: 'rfc8292.audience' });

export const audiences = [
  audience(
    'aud-path',
    'path and query are left out',
    'https://push.example.net/p/abc?x=1',
    'https://push.example.net',
  ),
  audience('aud-bare', 'an endpoint without a path', 'https://push.example.net', 'https://push.example.net'),
  audience(
    'aud-443',
    'the default port is left out',
    'https://push.example.net:443/p',
    'https://push.example.net',
  ),
  audience(
    'aud-8443',
    'another port stays',
    'https://push.example.net:8443/p',
    'https://push.example.net:8443',
  ),
  audience('aud-case', 'the host is in lower case', 'https://Push.Example.NET/P', 'https://push.example.net'),
  audience(
    'aud-ipv6',
    'an IPv6 address keeps its brackets',
    'https://[2606:4700::1]:8443/p',
    'https://[2606:4700::1]:8443',
  ),
  audience(
    'aud-punycode',
    'an internationalised host stays in its ASCII form',
    'https://xn--bcher-kva.example/p',
    'https://xn--bcher-kva.example',
  ),
];
