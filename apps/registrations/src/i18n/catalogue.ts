// Every text of the application, in every language: the features' messages put together.

import { accountMessages } from "../accounts/messages.ts";
import { adminMessages } from "../admin/messages.ts";
import { pageMessages } from "../pages/messages.ts";
import { passkeyMessages } from "../passkeys/messages.ts";
import { providerMessages } from "../providers/messages.ts";
import { registrationMessages } from "../registrations/messages.ts";
import { webMessages } from "../web/messages.ts";

export const catalogue = {
  en: {
    ...pageMessages.en,
    ...webMessages.en,
    ...accountMessages.en,
    ...passkeyMessages.en,
    ...providerMessages.en,
    ...registrationMessages.en,
    ...adminMessages.en,
  },
  fr: {
    ...pageMessages.fr,
    ...webMessages.fr,
    ...accountMessages.fr,
    ...passkeyMessages.fr,
    ...providerMessages.fr,
    ...registrationMessages.fr,
    ...adminMessages.fr,
  },
} as const;
