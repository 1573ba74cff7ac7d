// The texts that every page has around it: the header, the language switch and the footer.

import { messages } from "../i18n/messages.ts";

export const pageMessages = messages({
  en: {
    "layout.skip": "Skip to the content",
    "layout.navigation": "Main",
    "layout.signIn": "Sign in",
    "layout.signUp": "Sign up",
    "layout.registrations": "Registrations",
    "layout.account": "Account",
    "layout.backOffice": "Back office",
    "layout.signedInAs": "Signed in as {name}",
    "layout.signOut": "Sign out",
    "layout.language": "Language",
    "layout.contact": "Questions? Turn to",
    "layout.footer": "Your ticket is yours: only you and the administrators can take back your registration.",
  },
  fr: {
    "layout.skip": "Aller au contenu",
    "layout.navigation": "Principale",
    "layout.signIn": "Se connecter",
    "layout.signUp": "Créer un compte",
    "layout.registrations": "Inscriptions",
    "layout.account": "Compte",
    "layout.backOffice": "Administration",
    "layout.signedInAs": "Session\u00a0: {name}",
    "layout.signOut": "Se déconnecter",
    "layout.language": "Langue",
    "layout.contact": "Des questions ? Adressez-vous à",
    "layout.footer":
      "Votre ticket est à vous\u00a0: seuls vous et l’administration pouvez reprendre votre inscription.",
  },
});
