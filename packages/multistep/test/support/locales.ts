import { de } from '../../src/locales/de.js'
import { en } from '../../src/locales/en.js'
import { es } from '../../src/locales/es.js'
import { fr } from '../../src/locales/fr.js'
import type { Messages } from '../../src/locales/messages.js'

/** Every locale, all at once: the package itself loads them one by one. */
export const locales: Readonly<Record<string, Messages>> = { en, de, fr, es }

/**
 * A language that is written from right to left, as an app would bring it: the words that stand largest on the pages.
 * The rest is English, with its full stops where Arabic has them.
 */
const ar: Messages = {
  ...en,
  lang: 'ar',
  logIn: 'تسجيل الدخول',
  enterTextedCode: 'أدخل الرمز الذي أرسلناه إليك',
  checkPhone: 'تحقق من هاتفك',
  codeSentTo: 'أرسلنا رمزًا إلى {to}.',
  stepOf: 'الخطوة {step} من {steps}',
  continue: 'متابعة',
  continueWith: 'المتابعة باستخدام {label}',
  sendAgain: 'إعادة الإرسال',
  sendAgainIn: 'يمكنك طلبه مرة أخرى بعد {time}.',
  validFor: 'صالح لمدة {time}',
  triesLeft: '{count}\u00a0محاولات متبقية',
  tryAnotherWay: 'جرّب طريقة أخرى',
  loggingInAs: 'تسجيل الدخول باسم {account}',
  notYou: 'لست أنت؟ ابدأ من جديد',
  fields: { username: 'اسم المستخدم', password: 'كلمة المرور', code: 'الرمز', phone: 'رقم الهاتف المحمول' },
  labels: { 'sms-otp': 'رمز في رسالة نصية', 'recovery-code': 'رمز الاسترداد', totp: 'تطبيق المصادقة' },
}

/** The languages that every page is drawn in. */
export const pageLanguages: Readonly<Record<string, Messages>> = { ...locales, ar }
