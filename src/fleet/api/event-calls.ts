import { eventCall } from '../../api/calls/events.ts';
import type { Call } from '../../api/contract/call.ts';
import { FLEET_EVENT_TYPES } from '../events/fleet-event.ts';
import type { FleetEvents } from '../events/fleet-events.ts';

/** The call that sends what happens in a fleet, as far as the caller may know of it. */
export const eventCalls = (events: FleetEvents): Call[] => [
  eventCall({
    description: [
      'The answer does not end before the login does. The data of each event is a JSON object with `id`, `type`,',
      '`at`, `version` and more. After a `Last-Event-ID`, of whichever edge, what follows it comes first.',
    ],
    types: FLEET_EVENT_TYPES,
    open: (user, lastEventId) => events.open(user, lastEventId),
  }),
];
